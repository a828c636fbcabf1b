// A sender whose receivers have all gone.
// The text of `goshawk explain blocked-send`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kBlockedSendExplanation = {
    .rule = "goroutine/blocked-send",
    .why =
        "A send on an unbuffered or full channel waits for a receiver. When the receivers stop "
        "early (an error, a break, a first result that is good enough), the senders that are "
        "left wait for ever.",
    .wrong = R"go(package main

import "fmt"

func first(queries []string) string {
	answers := make(chan string)
	for _, q := range queries {
		go func(q string) {
			answers <- "answer to " + q // all but one wait here for ever
		}(q)
	}
	return <-answers // takes one answer and leaves
}

func main() {
	fmt.Println(first([]string{"a", "b", "c"}))
}
)go",
    .right = R"go(package main

import (
	"context"
	"fmt"
)

func first(ctx context.Context, queries []string) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // tells the senders that nobody listens any more
	answers := make(chan string)
	for _, q := range queries {
		go func(q string) {
			select {
			case answers <- "answer to " + q:
			case <-ctx.Done():
			}
		}(q)
	}
	return <-answers
}

func main() {
	fmt.Println(first(context.Background(), []string{"a", "b", "c"}))
}
)go",
    .mend =
        "Send in a select with ctx.Done(), and cancel when the receiver leaves; or give the "
        "channel room for every send that can happen: make(chan string, len(queries)).",
    .releases = "Every Go release.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "channel, so nobody can receive. A buffered channel counts only when its buffer is "
        "full. Suspected: a hundred or more that wait for long, to send to one channel, or each to "
        "one of its own that is merely kept somewhere.",
};

}  // namespace goshawk::report
