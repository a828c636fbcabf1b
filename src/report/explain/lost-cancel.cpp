// A wait for a context that nobody can cancel any more.
// The text of `goshawk explain lost-cancel`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kLostCancelExplanation = {
    .rule = "goroutine/lost-cancel",
    .why =
        "context.WithCancel returns the only function that cancels. When it is dropped without "
        "a call, ctx.Done() never closes and every goroutine that waits for it stays. Contexts "
        "with a timeout end by themselves, but hold their timer and their children until then.",
    .wrong = R"go(package main

import "context"

func watch(ctx context.Context) {
	go func() {
		<-ctx.Done() // never closes
	}()
}

func handle() {
	ctx, cancel := context.WithCancel(context.Background())
	watch(ctx)
	if false {
		cancel() // only on one path
	}
}

func main() {
	handle()
}
)go",
    .right = R"go(package main

import "context"

func watch(ctx context.Context) {
	go func() {
		<-ctx.Done()
	}()
}

func handle() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel() // on every path, also after a panic
	watch(ctx)
}

func main() {
	handle()
}
)go",
    .mend =
        "Write defer cancel() on the line after the context is made. Go does not note where that "
        "is; a finding names the function that has probably made it, by its code, or else the one "
        "that has started the goroutine. Where the context must outlive the function, keep cancel "
        "in the object whose Close calls it. `go vet` finds the simplest cases (lostcancel).",
    .releases = "Every Go release.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "Done channel. A child of a live context is still in its parent's table of children: "
        "the parent could cancel it, at its own end: that is likely, not proven.",
};

}  // namespace goshawk::report
