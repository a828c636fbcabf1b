//go:build go1.24

package main

// A cleanup that will run wakes; a stopped one does not.

import (
	"runtime"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("held_by_cleanup", heldByCleanup) }

func heldByCleanup(fixed bool) {
	truth.Expect(2)
	collectWhenToldOnly()
	for i := 0; i < 2; i++ {
		ch := make(chan *holder)
		plantCleanup(ch, i == 1, fixed)
		go func() {
			leakedUnless(fixed, receive)
			<-ch
		}()
	}
	if fixed {
		truth.OnWake(collectTwice)
	}
}

//go:noinline
func plantCleanup(ch chan *holder, viaClosure, fixed bool) {
	object := &holder{}
	var cleanup runtime.Cleanup
	if viaClosure {
		cleanup = runtime.AddCleanup(object, func(int) { close(ch) }, 1)
	} else {
		cleanup = runtime.AddCleanup(object, func(ch chan *holder) { close(ch) }, ch)
	}
	if !fixed {
		cleanup.Stop()
	}
}
