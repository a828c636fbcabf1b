// Go as a library inside of a program of another language: no goroutine runs a main function, and the runtime lives in a shared
// library, or in an archive that C's linker put into the executable. The hosts are in hosts/.
package main

import "C"

import (
	"sync"

	"goshawk.test/programs/truth"
)

func main() {}

//export RunProgram
func RunProgram(name *C.char, fixed C.int) { truth.Run(C.GoString(name), fixed != 0) }

func init() {
	truth.Program("in_a_library", inALibrary)
}

type holder struct {
	ch   chan int
	next *holder
}

var kept *holder

func leakedUnless(fixed bool, rule string) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Leaked(rule)
	}
}

func inALibrary(fixed bool) {
	truth.Expect(5)
	kept = &holder{ch: make(chan int)}
	lost := &holder{ch: make(chan int)}
	locked := &struct {
		sync.Mutex
		next *holder
	}{}
	locked.Lock()
	go func() {
		leakedUnless(fixed, "goroutine/blocked-receive")
		<-lost.ch
	}()
	go func() {
		leakedUnless(fixed, "goroutine/mutex")
		locked.Lock()
		locked.next = nil
		locked.Unlock()
	}()
	go func() {
		truth.Wakes()
		<-kept.ch
	}()
	go func() {
		truth.Wakes()
		<-truth.Wake
	}()
	never := &holder{ch: make(chan int)}
	go func() {
		leakedUnless(fixed, "goroutine/blocked-select")
		select {
		case never.ch <- 1:
		case <-never.ch:
		}
	}()
	truth.OnWake(func() { close(kept.ch) })
	if fixed {
		truth.OnWake(func() { close(lost.ch) })
		truth.OnWake(func() { <-never.ch })
		truth.OnWake(locked.Unlock)
	}
}
