//go:build go1.23

package main

// iter.Pull runs a sequence as a coroutine: it waits for the one that pulls, who may call next or stop.

import (
	"iter"
	"runtime"
	"time"

	"goshawk.test/programs/truth"
)

const coroutine = "goroutine/coroutine"

func init() {
	truth.Program("pulled_and_dropped", pulledAndDropped)
	truth.Correct("pulled_iterator", pulledIterator)
	truth.Correct("pulled_and_held", pulledAndHeld)
}

func pulledAndDropped(fixed bool) {
	truth.Expect(6)
	endless := func(yield func(*holder) bool) {
		leakedUnless(fixed, coroutine)
		for yield(&holder{}) {
		}
	}
	next, stop := iter.Pull(endless)
	next()
	pairs, stopPairs := iter.Pull2(func(yield func(int, *holder) bool) {
		leakedUnless(fixed, coroutine)
		for i := 0; yield(i, &holder{}); i++ {
		}
	})
	pairs()
	pullInside(fixed, endless)
	go pullForEver(fixed)
	if fixed {
		truth.OnWake(func() { stop(); stopPairs() })
	}
}

// A sequence that pulls another one: the inner one's next and stop are on the outer one's stack.
func pullInside(fixed bool, inner func(yield func(*holder) bool)) {
	next, stop := iter.Pull(func(yield func(*holder) bool) {
		leakedUnless(fixed, coroutine)
		next, stop := iter.Pull(inner)
		defer stop()
		for value, ok := next(); ok && yield(value); value, ok = next() {
		}
	})
	next()
	if fixed {
		truth.OnWake(stop)
	}
}

// Who pulls waits for the sequence, and that for a channel that nobody has.
func pullForEver(fixed bool) {
	leakedUnless(fixed, coroutine)
	ch := make(chan *holder)
	if fixed {
		truth.OnWake(func() { close(ch) })
	}
	next, stop := iter.Pull(func(yield func(*holder) bool) {
		leakedUnless(fixed, receive)
		yield(<-ch)
	})
	defer stop()
	next()
}

var (
	stopOfGlobal    func()
	yieldOfGlobal   func(*holder) bool
	ownerOfCleanup  *holder
	finishAtTheExit = make(chan func(), 1)
)

// Nobody stops these now, but somebody could.
func pulledAndHeld() {
	truth.Expect(5)
	pull := func(keepYield bool) func() {
		next, stop := iter.Pull(func(yield func(*holder) bool) {
			truth.Alive()
			if keepYield {
				yieldOfGlobal = yield
			}
			for yield(&holder{}) {
			}
		})
		next()
		return stop
	}
	stopOfGlobal = pull(false)
	pull(true)
	time.AfterFunc(long, pull(false))
	finishAtTheExit <- pull(false)
	stop := pull(false)
	ownerOfCleanup = new(holder)
	runtime.SetFinalizer(ownerOfCleanup, func(*holder) { stop() })
}

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
