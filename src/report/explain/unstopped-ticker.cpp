// A ticker that nobody stops.
// The text of `goshawk explain unstopped-ticker`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kUnstoppedTickerExplanation = {
    .rule = "timer/unstopped-ticker",
    .why =
        "A ticker is in the runtime's heap of timers until it is stopped. One that was "
        "forgotten goes on ticking for ever: it costs time at each tick, and its memory.",
    .wrong = R"go(package main

import "time"

func poll(done <-chan bool) {
	ticker := time.NewTicker(time.Second)
	for {
		select {
		case <-ticker.C:
		case <-done:
			return // and the ticker goes on
		}
	}
}

func main() {
	for i := 0; i < 1000; i++ {
		done := make(chan bool)
		go poll(done)
		close(done)
	}
}
)go",
    .right = R"go(package main

import "time"

func poll(done <-chan bool) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-done:
			return
		}
	}
}

func main() {
	for i := 0; i < 1000; i++ {
		done := make(chan bool)
		go poll(done)
		close(done)
	}
}
)go",
    .mend =
        "defer ticker.Stop() right where it is made. time.Tick cannot be stopped: it is for "
        "loops that never end.",
    .releases =
        "Until Go 1.22, up to Go 1.26 with the old timers: GODEBUG=asynctimerchan=1, a go.mod "
        "that says less than 1.23. With the new ones the collector frees a ticker that nobody "
        "refers to.",
    .certainty =
        "Likely: nothing but the runtime leads to the ticker and to its channel, so that no "
        "code can stop it or receive from it.",
};

}  // namespace goshawk::report
