// Package semaphore does what the package of that name in golang.org/x/sync promises: a weighted semaphore with a queue. A waiter's
// channel is in the queue, which only the semaphore has.
package semaphore

import (
	"container/list"
	"context"
	"sync"
)

type waiter struct {
	weight int64
	ready  chan struct{}
}

type Weighted struct {
	size    int64
	mu      sync.Mutex
	used    int64
	waiters list.List
}

func NewWeighted(n int64) *Weighted { return &Weighted{size: n} }

func (s *Weighted) Acquire(ctx context.Context, weight int64) error {
	s.mu.Lock()
	if s.size-s.used >= weight && s.waiters.Len() == 0 {
		s.used += weight
		s.mu.Unlock()
		return nil
	}
	w := waiter{weight, make(chan struct{})}
	element := s.waiters.PushBack(w)
	s.mu.Unlock()
	select {
	case <-ctx.Done():
		return s.leave(element, w, ctx.Err())
	case <-w.ready:
		return nil
	}
}

// leave takes a waiter out of the queue, who may have been served meanwhile.
func (s *Weighted) leave(element *list.Element, w waiter, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-w.ready:
		s.used -= w.weight
	default:
		s.waiters.Remove(element)
	}
	s.serve()
	return err
}

func (s *Weighted) Release(weight int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used -= weight; s.used < 0 {
		panic("semaphore: released more than held")
	}
	s.serve()
}

func (s *Weighted) serve() {
	for first := s.waiters.Front(); first != nil; first = s.waiters.Front() {
		w := first.Value.(waiter)
		if s.size-s.used < w.weight {
			return
		}
		s.used += w.weight
		s.waiters.Remove(first)
		close(w.ready)
	}
}
