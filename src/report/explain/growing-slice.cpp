// A slice to which is only appended.
// The text of `goshawk explain growing-slice`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kGrowingSliceExplanation = {
    .rule = "heap/growing-slice",
    .why =
        "What is appended to a slice stays as long as the slice does: a history of events, "
        "errors that are collected and never reported, listeners that are registered and never "
        "removed. Cutting it at the front (s = s[1:]) lets nothing go until append moves what "
        "is left.",
    .wrong = R"go(package main

import "time"

type event struct {
	at   time.Time
	what string
}

var history []event

func record(what string) {
	history = append(history, event{time.Now(), what}) // for ever
}

func main() {
	for range time.Tick(time.Second) {
		record("tick")
	}
}
)go",
    .right = R"go(package main

import "time"

type event struct {
	at   time.Time
	what string
}

const most = 1000

var (
	history [most]event
	next    int
)

func record(what string) {
	history[next%most] = event{time.Now(), what} // a ring: the oldest goes
	next++
}

func main() {
	for range time.Tick(time.Second) {
		record("tick")
	}
}
)go",
    .mend =
        "Keep a bounded number (a ring, the last N), write it out and begin a new slice, and "
        "remove what was registered when its owner ends.",
    .releases = "Every Go release.",
    .certainty =
        "Only live objects are counted, so garbage that waits for the collector is no growth. A "
        "cache or a pool that fills up grows in the same way until it is full. Suspected: it "
        "has more in every picture than in the one before. Likely: so in five pictures or more, "
        "and never at less than a quarter of its mean rate. Take them farther apart than what "
        "the program's caches need to fill. Slices are put together by where they stand, a "
        "variable or a type's field, for their array changes when they grow; of arrays smaller "
        "than a kilobyte nothing is said, nor of slices on stacks.",
};

}  // namespace goshawk::report
