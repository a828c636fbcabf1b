package main

// What grows and is no leak: a load that rises, whose goroutines come and go. The command "turn" ends all workers that there are, and
// starts more; "burst" starts more and ends none, which is no growth either when it happens once. At "become" the process executes its
// own program anew, whose first line is the answer.

import (
	"os"
	"sync"
	"syscall"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Correct("load_that_rises", loadThatRises)
}

type shift struct {
	over chan struct{}
	left sync.WaitGroup
}

func (s *shift) start(workers int) {
	s.left.Add(workers)
	for i := 0; i < workers; i++ {
		go s.work()
	}
}

func (s *shift) work() {
	defer s.left.Done()
	<-s.over
}

func loadThatRises() {
	held := waiter()
	workers, now := 5, &shift{over: make(chan struct{})}
	now.start(workers)
	truth.OnCommand("turn", func(string) interface{} {
		next := &shift{over: make(chan struct{})}
		workers += 5
		next.start(workers)
		close(now.over)
		now.left.Wait()
		now = next
		return workers
	})
	truth.OnCommand("burst", func(string) interface{} {
		workers += 5
		now.start(5)
		return workers
	})
	truth.OnCommand("become", func(string) interface{} {
		panic(syscall.Exec("/proc/self/exe", os.Args, os.Environ()))
	})
	truth.OnWake(func() { close(held) })
}
