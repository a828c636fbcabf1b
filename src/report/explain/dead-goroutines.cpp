// Descriptors that a spike of goroutines left behind.
// The text of `goshawk explain dead-goroutines`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kDeadGoroutinesExplanation = {
    .rule = "heap/dead-goroutines",
    .why =
        "Each goroutine has a descriptor of some 400 bytes. When it ends the runtime keeps "
        "that for the next go statement and never frees it, so that there are as many as "
        "there were goroutines at the worst time; the collector looks at all of them in each "
        "cycle.",
    .wrong = R"go(package main

func handle(request int) {}

func main() {
	done := make(chan bool)
	for request := 0; request < 1000000; request++ {
		go func(request int) { // a million at once
			handle(request)
			done <- true
		}(request)
	}
	for request := 0; request < 1000000; request++ {
		<-done
	}
}
)go",
    .right = R"go(package main

import "sync"

func handle(request int) {}

func main() {
	requests := make(chan int)
	var workers sync.WaitGroup
	for worker := 0; worker < 100; worker++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for request := range requests {
				handle(request)
			}
		}()
	}
	for request := 0; request < 1000000; request++ {
		requests <- request
	}
	close(requests)
	workers.Wait()
}
)go",
    .mend =
        "Bound how many run at once: a fixed number of workers, a semaphore, "
        "errgroup.SetLimit. What is there already is given back by a restart only.",
    .releases = "Every Go release.",
    .certainty =
        "Likely: the descriptors are counted. Whether as many will be needed again nobody can "
        "tell.",
};

}  // namespace goshawk::report
