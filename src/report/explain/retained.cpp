// One holder of a large share of the heap.
// The text of `goshawk explain retained`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kRetainedExplanation = {
    .rule = "heap/retained",
    .why =
        "The collector frees what nothing refers to. A map, a slice or a list in a variable that "
        "is only ever added to keeps all that was put there, for as long as the variable lives. "
        "What a holder retains is what would be freed if it let go: memory that something else "
        "refers to as well is not in it.",
    .wrong = R"go(package main

type session struct{ data [4096]byte }

var sessions = map[int]*session{}

func login(user int) {
	sessions[user] = &session{} // and who takes it out?
}

func main() {
	for user := 0; user < 100000; user++ {
		login(user)
	}
}
)go",
    .right = R"go(package main

type session struct{ data [4096]byte }

var sessions = map[int]*session{}

func login(user int) {
	sessions[user] = &session{}
}

func logout(user int) {
	delete(sessions, user)
}

func main() {
	for user := 0; user < 100000; user++ {
		login(user)
		logout(user)
	}
}
)go",
    .mend =
        "Give what is kept an end: delete it when its owner goes, bound the cache, let entries "
        "expire. If it is meant to be there, that large, nothing is wrong: compare two pictures "
        "to see whether it grows.",
    .releases = "Every Go release.",
    .certainty =
        "That it retains so much is measured. That it should not is a suspicion: a cache may be "
        "meant to be most of the heap.",
};

}  // namespace goshawk::report
