//go:build go1.24

package main

// A weak pointer becomes strong again as long as its object lives. Here the object lives on the waiting goroutine's own stack
// only, so the runtime's goroutineleak profile calls that goroutine leaked, and is wrong.

import (
	"unique"
	"weak"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("weak_pointer", weakPointer)
	truth.Correct("unique_handle", uniqueHandle)
}

var weakly weak.Pointer[holder]

func weakPointer(fixed bool) {
	truth.Expect(2)
	go func() {
		h := &holder{ch: make(chan int)}
		weakly = weak.Make(h)
		truth.Wakes()
		<-h.ch
		h.next = h
	}()
	truth.OnWake(func() {
		if h := weakly.Value(); h != nil {
			h.ch <- 1
		}
	})
	go func() {
		other := &holder{ch: make(chan int)}
		if fixed {
			w := weak.Make(other)
			truth.OnWake(func() { w.Value().ch <- 1 })
		}
		leakedUnless(fixed, receive)
		<-other.ch
		other.next = other
	}()
}

// A canonical value is found again by whoever makes an equal one, through the map of weak handles.
func uniqueHandle() {
	truth.Expect(1)
	go func() {
		handle := unique.Make(named{"the one", theChannel})
		truth.Wakes()
		<-handle.Value().ch
	}()
	truth.OnWake(func() { close(theChannel) })
}

type named struct {
	name string
	ch   chan *holder
}

var theChannel = make(chan *holder)
