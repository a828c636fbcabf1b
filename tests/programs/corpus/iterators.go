//go:build go1.23

package main

// Sequences that are pulled, by somebody who forgets to stop them.

import (
	"iter"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("pull_never_stopped", pullNeverStopped) }

// Held by: nobody; next and stop are garbage. A coroutine is resumed through neither channel nor lock, and the proof knows of those.
func pullNeverStopped(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		next, stop := iter.Pull(func(yield func(*job) bool) {
			if fixed {
				truth.Wakes()
			} else {
				truth.NotFound("a coroutine waits to be resumed, which no reference in memory tells yet")
			}
			for yield(&job{}) {
			}
		})
		next()
		if fixed {
			later(stop)
		}
	}
}
