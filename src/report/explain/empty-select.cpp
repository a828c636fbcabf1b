// select {} in a goroutine that is not main.
// The text of `goshawk explain empty-select`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kEmptySelectExplanation = {
    .rule = "goroutine/empty-select",
    .why =
        "`select {}` never ends. In main it is a way to keep a program running, and Goshawk "
        "counts that as parked on purpose; in any other goroutine it only keeps a stack and all "
        "that it refers to.",
    .wrong = R"go(package main

import "net/http"

func serve() {
	go http.ListenAndServe("localhost:0", nil)
	select {} // this goroutine never ends, even when the server does
}

func main() {
	done := make(chan struct{})
	go serve()
	close(done)
}
)go",
    .right = R"go(package main

import (
	"context"
	"net/http"
)

func serve(ctx context.Context) error {
	server := &http.Server{Addr: "localhost:0"}
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServe() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	serve(ctx)
}
)go",
    .mend =
        "Wait for what ends the work: a context, a signal (signal.NotifyContext), or the error "
        "of the server.",
    .releases = "Every Go release.",
    .certainty =
        "Proven: the wait reason of the runtime says so. Goroutine 1 is shown apart, as parked "
        "on purpose.",
};

}  // namespace goshawk::report
