package main

// Locks never released, counters never zero, signals never sent. Every lock lies in an object with pointers, so that no
// neighbour in a tiny slot decides its reachability; tiny_mutex is the one that does not.

import (
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("mutex_never_released", mutexNeverReleased)
	truth.Program("mutex_locked_twice", mutexLockedTwice)
	truth.Program("rwmutex_reader", rwmutexReader)
	truth.Program("rwmutex_writer", rwmutexWriter)
	truth.Program("waitgroup_never_done", waitgroupNeverDone)
	truth.Program("cond_never_signalled", condNeverSignalled)
	truth.Program("lock_cycle", lockCycle)
	truth.Program("lock_order_ring", lockOrderRing)
	truth.Program("once_stuck", onceStuck)
	truth.Program("tiny_mutex", tinyMutex)
}

const (
	mutex     = "goroutine/mutex"
	rwmutex   = "goroutine/rwmutex"
	waitgroup = "goroutine/waitgroup"
	cond      = "goroutine/cond"
)

type account struct {
	mu    sync.Mutex
	rw    sync.RWMutex
	wg    sync.WaitGroup
	once  sync.Once
	owner *account
}

func mutexNeverReleased(fixed bool) {
	const waiters = 3
	truth.Expect(waiters)
	a := &account{}
	a.mu.Lock() // and an error path returns without Unlock
	for i := 0; i < waiters; i++ {
		go a.deposit(fixed)
	}
	if fixed {
		truth.OnWake(a.mu.Unlock)
	}
}

func (a *account) deposit(fixed bool) {
	leakedUnless(fixed, mutex)
	a.mu.Lock()
	defer a.mu.Unlock()
}

// A method that locks calls another one that locks the same.
func mutexLockedTwice(fixed bool) {
	truth.Expect(1)
	go func() {
		leakedUnless(fixed, mutex)
		a := &account{}
		if fixed {
			truth.OnWake(a.mu.Unlock)
		}
		a.mu.Lock()
		a.mu.Lock()
	}()
}

func rwmutexReader(fixed bool) {
	truth.Expect(2)
	a := &account{}
	a.rw.Lock()
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, rwmutex)
			a.rw.RLock()
			defer a.rw.RUnlock()
		}()
	}
	if fixed {
		truth.OnWake(a.rw.Unlock)
	}
}

// One writer waits for a reader that never leaves; the second one waits for the first; so does a new reader.
func rwmutexWriter(fixed bool) {
	truth.Expect(2)
	a := &account{}
	a.rw.RLock()
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, rwmutex, mutex)
			a.rw.Lock()
			defer a.rw.Unlock()
		}()
	}
	if fixed {
		truth.OnWake(a.rw.RUnlock)
	}
}

func waitgroupNeverDone(fixed bool) {
	truth.Expect(2)
	a := &account{}
	a.wg.Add(2)
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, waitgroup)
			a.wg.Wait()
		}()
	}
	a.wg.Done()
	if fixed {
		truth.OnWake(a.wg.Done)
	}
}

type queue struct {
	mu    sync.Mutex
	ready *sync.Cond
	items []*holder
}

func condNeverSignalled(fixed bool) {
	truth.Expect(3)
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	for i := 0; i < 3; i++ {
		go func() {
			leakedUnless(fixed, cond)
			q.mu.Lock()
			defer q.mu.Unlock()
			for len(q.items) == 0 {
				q.ready.Wait()
			}
		}()
	}
	if fixed {
		truth.OnWake(func() {
			q.mu.Lock()
			q.items = append(q.items, &holder{})
			q.mu.Unlock()
			q.ready.Broadcast()
		})
	}
}

// Two goroutines, two locks, the wrong order. Nobody else knows the locks.
func lockCycle(fixed bool) {
	truth.Expect(2)
	a, b := &account{}, &account{}
	both := &sync.WaitGroup{}
	both.Add(2)
	transfer := func(from, to *account) {
		leakedUnless(fixed, mutex)
		from.mu.Lock()
		both.Done()
		both.Wait()
		if fixed {
			<-truth.Wake
			from.mu.Unlock()
		}
		to.mu.Lock()
		to.mu.Unlock()
	}
	go transfer(a, b)
	go transfer(b, a)
	both.Wait()
}

// The dining philosophers: each holds its own lock and waits for its neighbour's.
func lockOrderRing(fixed bool) {
	const seats = 5
	truth.Expect(seats)
	table := make([]*account, seats)
	for i := range table {
		table[i] = &account{}
	}
	seated := &sync.WaitGroup{}
	seated.Add(seats)
	for i := range table {
		go func(left, right *account) {
			leakedUnless(fixed, mutex)
			left.mu.Lock()
			seated.Done()
			seated.Wait()
			if fixed {
				truth.OnWake(left.mu.Unlock)
			}
			right.mu.Lock()
			right.mu.Unlock()
		}(table[i], table[(i+1)%seats])
	}
	seated.Wait()
}

// A sync.Once whose function never returns keeps everybody else out.
func onceStuck(fixed bool) {
	truth.Expect(2)
	a, ch := &account{}, make(chan *holder)
	entered := make(chan bool)
	go func() {
		leakedUnless(fixed, receive)
		a.once.Do(func() { entered <- true; <-ch })
	}()
	<-entered
	go func() {
		leakedUnless(fixed, mutex)
		a.once.Do(func() {})
	}()
	if fixed {
		truth.OnWake(func() { close(ch) })
	}
}

// A mutex alone is 8 bytes without pointers: a tiny slot, which an unrelated neighbour may keep reachable.
func tinyMutex(fixed bool) {
	const waiters = 8
	truth.Expect(waiters)
	for i := 0; i < waiters; i++ {
		mu := new(sync.Mutex)
		neighbours[i] = new(int32)
		mu.Lock()
		go func() {
			if fixed {
				truth.Wakes()
			} else {
				truth.Undecided(mutex)
			}
			mu.Lock()
		}()
		if fixed {
			truth.OnWake(mu.Unlock)
		}
	}
}

var neighbours [8]*int32
