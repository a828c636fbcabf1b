//go:build go1.24

package main

// runtime.AddCleanup, which came with Go 1.24: the same mistake in its new clothes.

import (
	"runtime"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("cleanup_of_what_it_holds", cleanupOfWhatItHolds) }

// Held by: the cleanup's record -> its argument, the channel. The goroutine has the object on its stack, so that the cleanup never runs.
// Holder rule: finalizer not run.
func cleanupOfWhatItHolds(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		j := &janitor{make(chan struct{}), make(chan *job), &job{}}
		cleanup := runtime.AddCleanup(j, func(quit chan struct{}) { close(quit) }, j.quit)
		go func() {
			likelyUnless(fixed, truth.FinalizerNotRun, selecting)
			j.run()
		}()
		if fixed {
			quit := j.quit
			later(func() {
				cleanup.Stop()
				close(quit)
			})
		}
	}
}
