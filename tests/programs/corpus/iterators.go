//go:build go1.23

package main

// Sequences that are pulled, by somebody who forgets to stop them.

import (
	"iter"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("pull_never_stopped", pullNeverStopped)
	truth.Program("list_of_pulls", listOfPulls)
}

// Held by: nobody; next and stop are garbage.
func pullNeverStopped(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		next, stop := iter.Pull(func(yield func(*job) bool) {
			leakedUnless(fixed, "goroutine/coroutine")
			for yield(&job{}) {
			}
		})
		next()
		if fixed {
			later(stop)
		}
	}
}

var stopPulls, stopPullsOfTwins []func()

// Held by: stopPulls (global slice) -> stop -> the coroutine. Holder rule: append-only registry.
func listOfPulls(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		next, stop := iter.Pull(func(yield func(*job) bool) {
			likelyUnless(fixed, truth.AppendOnlyRegistry, "goroutine/coroutine")
			for yield(&job{}) {
			}
		})
		next()
		if fixed {
			stopPullsOfTwins = append(stopPullsOfTwins, stop)
		} else {
			stopPulls = append(stopPulls, stop)
		}
	}
	if fixed {
		all := stopPullsOfTwins
		later(func() {
			for _, stop := range all {
				stop()
			}
		})
	}
}
