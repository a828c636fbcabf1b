// A condition variable that nobody signals.
// The text of `goshawk explain cond`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kCondExplanation = {
    .rule = "goroutine/cond",
    .why =
        "Cond.Wait returns after Signal or Broadcast. When the state changes without one (a "
        "shutdown path, an early return), or Signal wakes one of several and the rest are "
        "forgotten, the others wait for ever.",
    .wrong = R"go(package main

import "sync"

type Queue struct {
	mu     sync.Mutex
	cond   *sync.Cond
	items  []int
	closed bool
}

func NewQueue() *Queue {
	q := &Queue{}
	q.cond = sync.NewCond(&q.mu)
	return q
}

func (q *Queue) Get() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.cond.Wait()
	}
	if len(q.items) == 0 {
		return 0, false
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item, true
}

func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true // nobody is told
}

func main() {
	q := NewQueue()
	go q.Get()
	q.Close()
}
)go",
    .right = R"go(package main

import "sync"

type Queue struct {
	mu     sync.Mutex
	cond   *sync.Cond
	items  []int
	closed bool
}

func NewQueue() *Queue {
	q := &Queue{}
	q.cond = sync.NewCond(&q.mu)
	return q
}

func (q *Queue) Get() (int, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.items) == 0 && !q.closed {
		q.cond.Wait()
	}
	if len(q.items) == 0 {
		return 0, false
	}
	item := q.items[0]
	q.items = q.items[1:]
	return item, true
}

func (q *Queue) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.cond.Broadcast() // every waiter looks again
}

func main() {
	q := NewQueue()
	go q.Get()
	q.Close()
}
)go",
    .mend =
        "Broadcast after every change that a waiter waits for, shutdown included. Often a "
        "channel says the same with less: close it to wake everybody.",
    .releases = "Every Go release.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "condition variable.",
};

}  // namespace goshawk::report
