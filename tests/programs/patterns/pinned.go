//go:build go1.21

package main

// What runtime.Pinner pins stays reachable, though nobody else refers to it: C may hold it.

import (
	"runtime"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("held_by_pinner", heldByPinner) }

var pinner runtime.Pinner
var pinnedAddress uintptr

func heldByPinner(fixed bool) {
	truth.Expect(1)
	h := &holder{ch: make(chan int)}
	pinner.Pin(h)
	pinnedAddress = addressOf(h)
	if !fixed {
		pinner.Unpin()
	}
	go func(ch chan int) {
		leakedUnless(fixed, receive)
		<-ch
	}(h.ch)
	if fixed {
		truth.OnWake(func() { holderAt(pinnedAddress).ch <- 1 })
	}
}
