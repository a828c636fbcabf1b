// time.After in a loop.
// The text of `goshawk explain after-in-loop`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kAfterInLoopExplanation = {
    .rule = "timer/after-in-loop",
    .why =
        "time.After makes a timer that stays in the runtime's heap of timers until it fires, "
        "with its channel, even when the select has gone on by another case. In a loop that "
        "turns a thousand times a second, with a timeout of a minute, sixty thousand of them "
        "are there at any time.",
    .wrong = R"go(package main

import "time"

func serve(work <-chan int) {
	for {
		select {
		case <-work:
		case <-time.After(time.Minute): // a new timer for each piece of work
			return
		}
	}
}

func main() {
	work := make(chan int)
	go serve(work)
	for i := 0; i < 1000000; i++ {
		work <- i
	}
}
)go",
    .right = R"go(package main

import "time"

func serve(work <-chan int) {
	timeout := time.NewTimer(time.Minute)
	defer timeout.Stop()
	for {
		select {
		case <-work:
			if !timeout.Stop() {
				select {
				case <-timeout.C:
				default:
				}
			}
			timeout.Reset(time.Minute)
		case <-timeout.C:
			return
		}
	}
}

func main() {
	work := make(chan int)
	go serve(work)
	for i := 0; i < 1000000; i++ {
		work <- i
	}
}
)go",
    .mend =
        "One timer for all turns of the loop, stopped and set again; or a context with a "
        "timeout around it. Of time.AfterFunc keep the timer and Stop it.",
    .releases =
        "Until Go 1.22, up to Go 1.26 with the old timers: GODEBUG=asynctimerchan=1, a go.mod "
        "that says less than 1.23. With the new ones the collector frees a timer that nobody "
        "refers to. Timers of time.AfterFunc stay in every release.",
    .certainty =
        "Nothing but the runtime leads to these timers and to the channels that they send on: "
        "nobody will receive. Likely from a thousand of them on, suspected below; of "
        "time.AfterFunc suspected, by number alone.",
};

}  // namespace goshawk::report
