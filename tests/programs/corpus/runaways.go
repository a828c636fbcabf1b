package main

// Goroutines that run, or let others run, in loops that nothing ends. They never come to rest, so that each of these programs is a
// process of its own.

import (
	"runtime"
	"sync/atomic"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("busy_loop", busyLoop)
	truth.Program("select_with_default", selectWithDefault)
}

// A flag that nobody sets.
func busyLoop(fixed bool) {
	truth.Expect(1)
	stop := new(struct {
		now  uint32
		next *job
	})
	go func() {
		if fixed {
			truth.Runs()
		} else {
			truth.GrowingRuns("it runs in a loop that has no exit", runaway)
		}
		for atomic.LoadUint32(&stop.now) == 0 {
		}
	}()
	if fixed {
		later(func() { atomic.StoreUint32(&stop.now, 1) })
	}
}

// A default case makes of a wait a loop.
func selectWithDefault(fixed bool) {
	truth.Expect(1)
	inputs := make(chan *job)
	go func() {
		if fixed {
			truth.Runs()
		} else {
			truth.GrowingRuns("it runs in a loop that has no exit", runaway)
		}
		for {
			select {
			case _, open := <-inputs:
				if !open {
					return
				}
			default:
				runtime.Gosched()
			}
		}
	}()
	if fixed {
		later(func() { close(inputs) })
	}
}
