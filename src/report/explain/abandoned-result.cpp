// The timed-out handler: a worker whose only reader gave up.
// The text of `goshawk explain abandoned-result`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kAbandonedResultExplanation = {
    .rule = "goroutine/abandoned-result",
    .why =
        "A function starts a worker, waits for its result or for a timeout, and the timeout "
        "comes first. The function returns; the worker finishes later, wants to send its result "
        "on an unbuffered channel, and nobody will ever read it. Under load, every slow request "
        "leaves one goroutine behind, with all that its stack holds.",
    .wrong = R"go(package main

import (
	"context"
	"time"
)

func fetch(ctx context.Context, slow func() string) (string, error) {
	result := make(chan string)
	go func() {
		result <- slow() // waits for ever when the reader has left
	}()
	select {
	case r := <-result:
		return r, nil
	case <-ctx.Done():
		return "", ctx.Err() // the only reader leaves
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fetch(ctx, func() string { time.Sleep(time.Second); return "late" })
}
)go",
    .right = R"go(package main

import (
	"context"
	"time"
)

func fetch(ctx context.Context, slow func() string) (string, error) {
	result := make(chan string, 1) // room for the one result
	go func() {
		result <- slow() // never waits
	}()
	select {
	case r := <-result:
		return r, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	fetch(ctx, func() string { time.Sleep(time.Second); return "late" })
}
)go",
    .mend =
        "Give the channel a buffer of one: the send then always succeeds and the collector "
        "takes the channel. Hand ctx to the worker too, so that it stops early.",
    .releases = "Every Go release.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "channel; that the sender is a closure of the function that made the channel, and the "
        "only one that waits there, gives the leak its name.",
};

}  // namespace goshawk::report
