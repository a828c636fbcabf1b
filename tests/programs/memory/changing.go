package main

// A program at work: so many nodes in a hundred milliseconds are allocated and others dropped, words of some are written, goroutines come
// and go, memory is mapped and unmapped, collected and given back to the system. What it blocks on is never lost.

import (
	"math/rand"
	"runtime/debug"
	"syscall"
	"time"
)

var (
	changing []*node
	results  = make(chan *node)
)

func change(perStep int) {
	changing = make([]*node, 50*perStep)
	go answer()
	go func() {
		for step := 0; ; step++ {
			changeStep(perStep, step)
			time.Sleep(100 * time.Millisecond)
		}
	}()
}

func changeStep(count, step int) {
	for i := 0; i < count; i++ {
		at := rand.Intn(len(changing))
		other := changing[rand.Intn(len(changing))]
		if other != nil && i%3 == 0 {
			other.next = changing[at] // who is dropped may still be held
		}
		changing[at] = &node{next: nodes, more: [6]uintptr{uintptr(step)}}
	}
	go func() { <-results }()
	remap(step)
	if step%10 == 9 {
		changing[rand.Intn(len(changing))] = nil
		debug.FreeOSMemory() // a collection too
	}
}

func answer() {
	for {
		results <- &node{next: nodes}
	}
}

// At one place: what was there is gone, what is there is new.
func remap(step int) {
	if len(mapped) == 0 || step%4 == 3 {
		mapAnonymous(1)
	}
	if len(mapped) > 3 {
		if err := syscall.Munmap(mapped[0]); err != nil {
			panic(err)
		}
		mapped = mapped[1:]
	}
}
