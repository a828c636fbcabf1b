// A mutex whose owner never unlocks.
// The text of `goshawk explain mutex`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kMutexExplanation = {
    .rule = "goroutine/mutex",
    .why =
        "Some path returns, panics or blocks between Lock and Unlock. Everybody who locks "
        "afterwards waits for ever. Locking twice in one goroutine does the same: Go's mutexes "
        "are not recursive.",
    .wrong = R"go(package main

import (
	"errors"
	"sync"
)

type Stock struct {
	mu    sync.Mutex
	count int
}

func (s *Stock) Take() error {
	s.mu.Lock()
	if s.count == 0 {
		return errors.New("sold out") // leaves the mutex locked
	}
	s.count--
	s.mu.Unlock()
	return nil
}

func main() {
	s := &Stock{}
	s.Take()
	go s.Take() // waits for ever
}
)go",
    .right = R"go(package main

import (
	"errors"
	"sync"
)

type Stock struct {
	mu    sync.Mutex
	count int
}

func (s *Stock) Take() error {
	s.mu.Lock()
	defer s.mu.Unlock() // on every path
	if s.count == 0 {
		return errors.New("sold out")
	}
	s.count--
	return nil
}

func main() {
	s := &Stock{}
	s.Take()
	go s.Take()
}
)go",
    .mend =
        "Write defer mu.Unlock() on the line after Lock. Never call out (a callback, a channel, "
        "another lock) while holding it; where two locks are needed, take them in one order "
        "everywhere.",
    .releases =
        "Every Go release. The runtime says 'sync.Mutex.Lock' since Go 1.20, 'semacquire' "
        "before; Goshawk tells the kinds apart by the stack.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "mutex, so nobody can unlock it. Likely: it can be reached, as one in a global variable "
        "always can, but the goroutine that has it locked, by the code in which it stands, never "
        "runs again, or waits for such a lock itself. Suspected: whoever else waits for a minute "
        "or "
        "more.",
};

}  // namespace goshawk::report
