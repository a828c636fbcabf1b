// An iterator that was pulled and never stopped.
// The text of `goshawk explain coroutine`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kCoroutineExplanation = {
    .rule = "goroutine/coroutine",
    .why =
        "iter.Pull runs the sequence as a goroutine of its own, which goes on only in a call of "
        "next or stop. Who returns before the sequence is at its end, and calls no stop, leaves it "
        "waiting for ever, with all that it holds; its deferred calls never run.",
    .wrong = R"go(package main

import (
	"fmt"
	"iter"
)

func numbers(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func firstAbove(sequence iter.Seq[int], limit int) int {
	next, _ := iter.Pull(sequence)
	for {
		if value, ok := next(); !ok || value > limit {
			return value // the sequence waits for the next call
		}
	}
}

func main() {
	fmt.Println(firstAbove(numbers, 3))
}
)go",
    .right = R"go(package main

import (
	"fmt"
	"iter"
)

func numbers(yield func(int) bool) {
	for i := 0; yield(i); i++ {
	}
}

func firstAbove(sequence iter.Seq[int], limit int) int {
	next, stop := iter.Pull(sequence)
	defer stop() // yield returns false, the sequence ends
	for {
		if value, ok := next(); !ok || value > limit {
			return value
		}
	}
}

func main() {
	fmt.Println(firstAbove(numbers, 3))
}
)go",
    .mend =
        "Call stop on every path, best by defer right after iter.Pull; it may be called when the "
        "sequence has ended, and twice. Where one loop wants the values, range over the sequence: "
        "that needs no goroutine.",
    .releases = "Go 1.23 and later, which have iter.Pull.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "coroutine, which next and stop need. Go's own goroutineleak profile takes all of them for "
        "alive.",
};

}  // namespace goshawk::report
