// A map that was large once.
// The text of `goshawk explain oversized-map`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kOversizedMapExplanation = {
    .rule = "heap/oversized-map",
    .why =
        "A map grows by getting larger tables, and never gets smaller ones: delete and clear "
        "empty the slots and keep them. What once had a million entries keeps the memory for "
        "a million, whatever is in it now.",
    .wrong = R"go(package main

var sessions = map[int][64]byte{}

func spike() {
	for user := 0; user < 1000000; user++ {
		sessions[user] = [64]byte{}
	}
}

func main() {
	spike()
	for user := range sessions {
		delete(sessions, user) // the tables stay
	}
}
)go",
    .right = R"go(package main

var sessions = map[int][64]byte{}

func spike() {
	for user := 0; user < 1000000; user++ {
		sessions[user] = [64]byte{}
	}
}

// shrink copies what is left into tables of its size.
func shrink() {
	smaller := make(map[int][64]byte, len(sessions))
	for user, session := range sessions {
		smaller[user] = session
	}
	sessions = smaller
}

func main() {
	spike()
	for user := range sessions {
		delete(sessions, user)
	}
	shrink()
}
)go",
    .mend =
        "Copy what is left into a new map when most was deleted, or start a new one from time "
        "to time. Pointers as values make what stays behind smaller.",
    .releases = "Every Go release: maps of buckets (before Go 1.24) and Swiss tables alike.",
    .certainty = "Entries and tables are counted. That nobody will fill it again is a suspicion.",
};

}  // namespace goshawk::report
