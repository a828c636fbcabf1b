// A receiver whose senders have all gone.
// The text of `goshawk explain blocked-receive`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kBlockedReceiveExplanation = {
    .rule = "goroutine/blocked-receive",
    .why =
        "A receive from an open channel waits until somebody sends or closes. When the last "
        "sender returns without closing, the receiver waits for ever, and so does everything "
        "that its stack refers to. `for range` over a channel is the usual place: it only ends "
        "when the channel is closed.",
    .wrong = R"go(package main

import "fmt"

func squares(n int) <-chan int {
	out := make(chan int)
	go func() {
		for i := 0; i < n; i++ {
			out <- i * i
		}
		// out is never closed
	}()
	return out
}

func main() {
	done := make(chan struct{})
	go func() {
		for v := range squares(3) { // waits for a fourth value, for ever
			fmt.Println(v)
		}
		close(done)
	}()
}
)go",
    .right = R"go(package main

import "fmt"

func squares(n int) <-chan int {
	out := make(chan int)
	go func() {
		defer close(out) // the only sender says when it is done
		for i := 0; i < n; i++ {
			out <- i * i
		}
	}()
	return out
}

func main() {
	for v := range squares(3) {
		fmt.Println(v)
	}
}
)go",
    .mend =
        "The side that sends closes the channel, once, on every path (defer). Where several "
        "send, close after a WaitGroup has seen all of them off. Where the receiver may outlive "
        "its senders, let it receive in a select together with ctx.Done().",
    .releases = "Every Go release.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "channel, so nobody can send or close. Not counted: a channel that a timer, "
        "signal.Notify or a blocked but live sender still holds. Likely: the channel of a timer "
        "or ticker that was stopped or has fired, in a program that never sets one again. "
        "Suspected: a hundred or more that wait for long, each on a channel of its own that is "
        "merely kept somewhere.",
};

}  // namespace goshawk::report
