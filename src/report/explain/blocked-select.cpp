// A select all of whose channels are out of reach of others.
// The text of `goshawk explain blocked-select`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kBlockedSelectExplanation = {
    .rule = "goroutine/blocked-select",
    .why =
        "A select without default waits until one of its channels is ready. When none of them "
        "can be reached by any code that still runs, no case will ever be ready. Typical: a "
        "worker that selects over its jobs and a quit channel, and whose owner was dropped "
        "without closing either.",
    .wrong = R"go(package main

type Worker struct {
	jobs chan func()
	quit chan struct{}
}

func NewWorker() *Worker {
	w := &Worker{jobs: make(chan func()), quit: make(chan struct{})}
	go func() {
		for {
			select {
			case job := <-w.jobs:
				job()
			case <-w.quit:
				return
			}
		}
	}()
	return w
}

func handle() {
	w := NewWorker()
	w.jobs <- func() {}
	// w goes out of scope: nobody can close w.quit any more
}

func main() {
	handle()
}
)go",
    .right = R"go(package main

type Worker struct {
	jobs chan func()
	quit chan struct{}
}

func NewWorker() *Worker {
	w := &Worker{jobs: make(chan func()), quit: make(chan struct{})}
	go func() {
		for {
			select {
			case job := <-w.jobs:
				job()
			case <-w.quit:
				return
			}
		}
	}()
	return w
}

func (w *Worker) Close() { close(w.quit) }

func handle() {
	w := NewWorker()
	defer w.Close() // who starts a worker also ends it
	w.jobs <- func() {}
}

func main() {
	handle()
}
)go",
    .mend =
        "Give everything that starts a goroutine a way to end it (Close, or a context), and "
        "call that way on every path, best by defer next to the start.",
    .releases = "Every Go release. A select with a timer case wakes by itself and is alive.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach any "
        "of the channels. A case with a timer or a ticker that is pending keeps the goroutine "
        "alive. Likely: of a connection of an HTTP client that is in use only the client's own "
        "table "
        "of requests is left; nobody has the response any more, whose Body was to be closed. "
        "Suspected: a hundred or more that wait for long, each on a channel of its own that "
        "is "
        "merely kept somewhere.",
};

}  // namespace goshawk::report
