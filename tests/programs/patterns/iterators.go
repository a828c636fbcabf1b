//go:build go1.23

package main

// iter.Pull runs a sequence as a coroutine: it waits for the one that pulls, who may call next or stop.

import (
	"iter"

	"goshawk.test/programs/truth"
)

func init() { truth.Correct("pulled_iterator", pulledIterator) }

func pulledIterator() {
	truth.Expect(2)
	next, stop := iter.Pull(func(yield func(*holder) bool) {
		truth.Wakes()
		for yield(&holder{}) {
		}
	})
	next()
	truth.OnWake(stop)

	go func() { // a puller that waits, with its sequence in the middle
		ch := waiter()
		next, stop := iter.Pull(func(yield func(chan *holder) bool) {
			truth.Wakes()
			if yield(nil) {
				yield(ch)
			}
		})
		defer stop()
		next()
		<-truth.Wake
		got, _ := next()
		close(got)
	}()
}
