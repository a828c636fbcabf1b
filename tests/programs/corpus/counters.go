package main

// Wait groups that never come to zero, and conditions that nobody signals.

import (
	"runtime"
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("signal_for_three_waiters", signalForThreeWaiters)
	truth.Program("signal_before_wait", signalBeforeWait)
	truth.Program("barrier_one_short", barrierOneShort)
	truth.Program("no_done_on_error_path", noDoneOnErrorPath)
	truth.Program("no_done_after_panic", noDoneAfterPanic)
	truth.Program("added_too_many", addedTooMany)
	truth.Program("waits_for_itself", waitsForItself)
	truth.Program("stops_itself", stopsItself)
	truth.Program("add_after_wait", addAfterWait)
	truth.Program("waitgroup_by_value", waitgroupByValue)
	truth.Program("results_read_after_wait", resultsReadAfterWait)
}

type gate struct {
	mu      sync.Mutex
	changed *sync.Cond
	waiting int
	open    bool
}

func newGate() *gate {
	g := &gate{}
	g.changed = sync.NewCond(&g.mu)
	return g
}

func (g *gate) pass() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting++
	for !g.open {
		g.changed.Wait()
	}
}

// awaitWaiting returns when n wait: the lock is free again only once they do.
func (g *gate) awaitWaiting(n int) {
	for waiting := 0; waiting < n; runtime.Gosched() {
		g.mu.Lock()
		waiting = g.waiting
		g.mu.Unlock()
	}
}

// All of them could go on, and one is told, the one that has waited longest.
func signalForThreeWaiters(fixed bool) {
	truth.Expect(2)
	g := newGate()
	go g.pass()
	g.awaitWaiting(1)
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, cond)
			g.pass()
		}()
	}
	g.awaitWaiting(3)
	g.mu.Lock()
	g.open = true
	g.mu.Unlock()
	g.changed.Signal()
	if fixed {
		later(g.changed.Broadcast)
	}
}

// The signal came first. A flag beside it would have told.
func signalBeforeWait(fixed bool) {
	truth.Expect(1)
	g := newGate()
	g.changed.Signal()
	go func() {
		leakedUnless(fixed, cond)
		g.mu.Lock()
		g.changed.Wait()
		g.mu.Unlock()
	}()
	if fixed {
		later(g.changed.Signal)
	}
}

// Four are to meet. One of them returned before.
func barrierOneShort(fixed bool) {
	const meet = 4
	truth.Expect(meet - 1)
	g := newGate()
	arrive := func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.waiting++
		if g.waiting == meet {
			g.changed.Broadcast()
		}
		for g.waiting < meet {
			g.changed.Wait()
		}
	}
	for i := 1; i < meet; i++ {
		go func() {
			leakedUnless(fixed, cond)
			arrive()
		}()
	}
	if fixed {
		later(arrive)
	}
}

func noDoneOnErrorPath(fixed bool) {
	truth.Expect(1)
	a, ended := &account{}, make(chan struct{}, 2)
	for _, fails := range []bool{false, true} {
		a.wg.Add(1)
		go func(fails bool) {
			defer func() { ended <- struct{}{} }()
			if _, err := work(fails); err != nil {
				return
			}
			a.wg.Done()
		}(fails)
	}
	<-ended
	<-ended
	go func() {
		leakedUnless(fixed, waitgroup)
		a.wg.Wait()
	}()
	if fixed {
		later(a.wg.Done)
	}
}

func noDoneAfterPanic(fixed bool) {
	truth.Expect(1)
	a, ended := &account{}, make(chan struct{})
	a.wg.Add(1)
	go func() {
		defer close(ended)
		defer func() { _ = recover() }()
		a.balance.id++
		a.wg.Done()
	}()
	<-ended
	go func() {
		leakedUnless(fixed, waitgroup)
		a.wg.Wait()
	}()
	if fixed {
		later(a.wg.Done)
	}
}

// The counter is set for all items, and the empty ones start nobody.
func addedTooMany(fixed bool) {
	truth.Expect(1)
	a, items := &account{}, []*job{{}, nil, {}}
	a.wg.Add(len(items))
	for _, item := range items {
		if item == nil {
			continue
		}
		go func(item *job) {
			defer a.wg.Done()
			consume(item)
		}(item)
	}
	go func() {
		leakedUnless(fixed, waitgroup)
		a.wg.Wait()
	}()
	if fixed {
		later(a.wg.Done)
	}
}

// The wait is inside of what is waited for.
func waitsForItself(fixed bool) {
	truth.Expect(2)
	a := &account{}
	a.wg.Add(2)
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, waitgroup)
			defer a.wg.Done()
			if fixed {
				<-truth.Wake
				return
			}
			a.wg.Wait()
		}()
	}
}

// A worker that meets a bad job stops the pool, which waits for its workers, of which it is one.
func stopsItself(fixed bool) {
	truth.Expect(1)
	p := &pool{tasks: make(chan func()), quit: make(chan struct{})}
	p.running.Add(1)
	go func() {
		p.worker(func() { leakedUnless(fixed, waitgroup) })
	}()
	p.tasks <- func() {
		if fixed {
			later(p.stop)
			return
		}
		p.stop()
	}
}

// Wait had returned already for the first round; the one who adds for the second has nobody that is ever done.
func addAfterWait(fixed bool) {
	truth.Expect(1)
	a := &account{}
	a.wg.Add(1)
	go a.wg.Done()
	a.wg.Wait()
	a.wg.Add(1)
	go func() {
		leakedUnless(fixed, waitgroup)
		a.wg.Wait()
	}()
	if fixed {
		later(a.wg.Done)
	}
}

// Done counts down a copy.
func waitgroupByValue(fixed bool) {
	truth.Expect(1)
	a := &account{}
	a.wg.Add(1)
	done := finisher(a.wg)
	if fixed {
		done = a.wg.Done
	}
	later(done)
	go func() {
		leakedUnless(fixed, waitgroup)
		a.wg.Wait()
	}()
}

func finisher(wg sync.WaitGroup) func() { return func() { wg.Done() } }

// Nobody takes the results before all workers are done, which they are not before somebody does.
func resultsReadAfterWait(fixed bool) {
	const workers = 3
	truth.Expect(workers + 1)
	a, results := &account{}, make(chan *job)
	a.wg.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			leakedUnless(fixed, send)
			defer a.wg.Done()
			results <- &job{}
		}()
	}
	go func() {
		leakedUnless(fixed, waitgroup)
		a.wg.Wait()
		close(results)
	}()
	if fixed {
		later(func() {
			for j := range results {
				consume(j)
			}
		})
	}
}
