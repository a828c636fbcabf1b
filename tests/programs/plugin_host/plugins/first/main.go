// Goroutines of a plugin: leaked ones, and ones that only the plugin's own globals can still wake.
package main

import (
	"sync"

	"goshawk.test/programs/truth"
)

func main() {}

type holder struct {
	ch   chan int
	next *holder
}

type registry struct {
	lock    sync.Mutex
	waiting map[string]*holder
}

var kept = registry{waiting: map[string]*holder{}}

func leakedUnless(fixed bool, rule string) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Leaked(rule)
	}
}

func Plant(fixed bool) {
	truth.Expect(4)
	lost, cut := &holder{ch: make(chan int)}, &holder{ch: make(chan int)}
	locked := &struct {
		sync.Mutex
		next *holder
	}{}
	locked.Lock()
	kept.lock.Lock()
	kept.waiting["alive"] = &holder{ch: make(chan int), next: cut}
	alive := kept.waiting["alive"].ch
	kept.lock.Unlock()
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
		<-alive
	}()
	go func() {
		truth.Wakes()
		cut.ch <- 1
	}()
	truth.OnWake(wakeKept)
	if fixed {
		truth.OnWake(func() { close(lost.ch) })
		truth.OnWake(locked.Unlock)
	}
}

func wakeKept() {
	kept.lock.Lock()
	defer kept.lock.Unlock()
	for _, h := range kept.waiting {
		close(h.ch)
		<-h.next.ch
	}
}
