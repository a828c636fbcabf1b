// A WaitGroup whose counter never reaches zero.
// The text of `goshawk explain waitgroup`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kWaitGroupExplanation = {
    .rule = "goroutine/waitgroup",
    .why =
        "Wait returns when Done was called as often as Add counted. A worker that returns early "
        "or panics before Done, or an Add that counts more workers than were started, keeps the "
        "counter above zero for ever.",
    .wrong = R"go(package main

import "sync"

func process(items []string) {
	var wg sync.WaitGroup
	for _, item := range items {
		wg.Add(1)
		go func(item string) {
			if item == "" {
				return // without Done
			}
			wg.Done()
		}(item)
	}
	wg.Wait() // waits for ever
}

func main() {
	go process([]string{"a", ""})
}
)go",
    .right = R"go(package main

import "sync"

func process(items []string) {
	var wg sync.WaitGroup
	for _, item := range items {
		wg.Add(1)
		go func(item string) {
			defer wg.Done() // first thing, on every path
			if item == "" {
				return
			}
		}(item)
	}
	wg.Wait()
}

func main() {
	go process([]string{"a", ""})
}
)go",
    .mend =
        "Add before the go statement, defer wg.Done() as the first line of the worker. From Go "
        "1.25 on, wg.Go(f) does both.",
    .releases =
        "Every Go release. The runtime says 'sync.WaitGroup.Wait' since Go 1.24, 'semacquire' "
        "before.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "WaitGroup, so nobody can call Done. A worker that is itself alive and holds the group "
        "keeps the waiter alive.",
};

}  // namespace goshawk::report
