// A loop that has no exit.
// The text of `goshawk explain runaway`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kRunawayExplanation = {
    .rule = "goroutine/runaway",
    .why =
        "A goroutine that polls, retries or ticks for ever is never blocked for good, so no "
        "proof can be made of it: it runs until the process ends. One is a service; one for "
        "each request is a leak.",
    .wrong = R"go(package main

import "time"

func keepAlive(ping func()) {
	go func() {
		for { // no way out
			time.Sleep(time.Second)
			ping()
		}
	}()
}

func handle() {
	keepAlive(func() {}) // one more for each request
}

func main() {
	handle()
}
)go",
    .right = R"go(package main

import (
	"context"
	"time"
)

func keepAlive(ctx context.Context, ping func()) {
	go func() {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				ping()
			case <-ctx.Done():
				return
			}
		}
	}()
}

func handle(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	keepAlive(ctx, func() {})
}

func main() {
	handle(context.Background())
}
)go",
    .mend =
        "Every loop in a goroutine gets a way out: a context, a closed channel, or a number of "
        "attempts.",
    .releases =
        "Every Go release. Before Go 1.23, a ticker that was not stopped stayed for ever; since "
        "then the collector takes unreferenced ones.",
    .certainty =
        "Never proven: such a goroutine is alive. It is suspected when their number at one "
        "place grows.",
};

}  // namespace goshawk::report
