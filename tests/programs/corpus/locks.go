package main

// Locks that only the waiting ones know. Every lock lies in an object with pointers: a lone one shares its slot of the tiny allocator
// with strangers, and what lives there decides (patterns/locks.go has that case).

import (
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("return_without_unlock", returnWithoutUnlock)
	truth.Program("lock_again_in_callee", lockAgainInCallee)
	truth.Program("two_locks_in_two_orders", twoLocksInTwoOrders)
	truth.Program("three_locks_in_a_ring", threeLocksInARing)
	truth.Program("read_lock_upgraded", readLockUpgraded)
	truth.Program("read_lock_again_behind_writer", readLockAgainBehindWriter)
	truth.Program("send_while_locked", sendWhileLocked)
	truth.Program("wait_while_locked", waitWhileLocked)
	truth.Program("owner_waits_for_answer", ownerWaitsForAnswer)
	truth.Program("panic_without_unlock", panicWithoutUnlock)
	truth.Program("once_inside_itself", onceInsideItself)
}

type account struct {
	mu      sync.Mutex
	rw      sync.RWMutex
	wg      sync.WaitGroup
	once    sync.Once
	balance *job
}

func (a *account) withdraw(fails bool) error {
	a.mu.Lock()
	if _, err := work(fails); err != nil {
		return err
	}
	a.mu.Unlock()
	return nil
}

func returnWithoutUnlock(fixed bool) {
	truth.Expect(2)
	a := &account{}
	if err := a.withdraw(true); err == nil {
		panic("it did not fail")
	}
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, mutex)
			_ = a.withdraw(false)
		}()
	}
	if fixed {
		later(a.mu.Unlock)
	}
}

func (a *account) audit() {
	a.mu.Lock()
	defer a.mu.Unlock()
	consume(a.balance)
}

// A method that has the lock calls another one that takes it.
func lockAgainInCallee(fixed bool) {
	truth.Expect(1)
	a := &account{}
	go func() {
		leakedUnless(fixed, mutex)
		a.mu.Lock()
		if fixed {
			later(a.mu.Unlock)
		}
		a.audit()
	}()
}

// lockBoth waits between the locks until the others have their first one too, which is what makes it certain.
func lockBoth(first, second *account, together *sync.WaitGroup, fixed bool) {
	leakedUnless(fixed, mutex)
	first.mu.Lock()
	together.Done()
	together.Wait()
	if fixed {
		later(first.mu.Unlock)
	}
	second.mu.Lock()
	second.mu.Unlock()
}

func twoLocksInTwoOrders(fixed bool) { ringOfLocks(2, fixed) }

func threeLocksInARing(fixed bool) { ringOfLocks(3, fixed) }

func ringOfLocks(n int, fixed bool) {
	truth.Expect(n)
	accounts, together := make([]*account, n), &sync.WaitGroup{}
	together.Add(n)
	for i := range accounts {
		accounts[i] = &account{}
	}
	for i := range accounts {
		go lockBoth(accounts[i], accounts[(i+1)%n], together, fixed)
	}
}

// Who reads wants to write, and waits for all readers to leave, of which it is one.
func readLockUpgraded(fixed bool) {
	truth.Expect(1)
	a := &account{}
	go func() {
		leakedUnless(fixed, rwmutex)
		a.rw.RLock()
		if fixed {
			later(a.rw.RUnlock)
		}
		a.rw.Lock()
		a.rw.Unlock()
	}()
}

// A writer came between the two read locks of one goroutine.
func readLockAgainBehindWriter(fixed bool) {
	truth.Expect(2)
	a, reading, writing := &account{}, make(chan struct{}), make(chan struct{})
	go func() {
		leakedUnless(fixed, rwmutex)
		a.rw.RLock()
		close(reading)
		<-writing
		for a.rw.TryRLock() { // no more once the writer waits
			a.rw.RUnlock()
		}
		if fixed {
			later(a.rw.RUnlock)
		}
		a.rw.RLock()
		a.rw.RUnlock()
	}()
	go func() {
		<-reading
		leakedUnless(fixed, rwmutex)
		close(writing)
		a.rw.Lock()
		a.rw.Unlock()
	}()
}

// The sender has the lock that the receiver wants before it receives.
func sendWhileLocked(fixed bool) {
	truth.Expect(2)
	a, updates, locked := &account{}, make(chan *job), make(chan struct{})
	go func() {
		leakedUnless(fixed, send, abandoned)
		a.mu.Lock()
		close(locked)
		updates <- &job{}
		a.mu.Unlock()
	}()
	<-locked
	go func() {
		leakedUnless(fixed, mutex)
		a.mu.Lock()
		if !fixed {
			consume(<-updates)
		}
		a.mu.Unlock()
	}()
	if fixed {
		later(func() { consume(<-updates) })
	}
}

// Who waits for the workers has the lock that they want.
func waitWhileLocked(fixed bool) {
	const workers = 2
	truth.Expect(1 + workers)
	a, locked := &account{}, make(chan struct{})
	a.wg.Add(workers)
	go func() {
		leakedUnless(fixed, waitgroup)
		a.mu.Lock()
		close(locked)
		if fixed {
			later(a.mu.Unlock)
		}
		a.wg.Wait()
	}()
	<-locked
	for i := 0; i < workers; i++ {
		go func() {
			leakedUnless(fixed, mutex)
			defer a.wg.Done()
			a.mu.Lock()
			a.mu.Unlock()
		}()
	}
}

// The lock is held over a question whose answer never comes.
func ownerWaitsForAnswer(fixed bool) {
	truth.Expect(3)
	a, answer, locked := &account{}, make(chan *job), make(chan struct{})
	go func() {
		leakedUnless(fixed, receive)
		a.mu.Lock()
		defer a.mu.Unlock()
		close(locked)
		consume(<-answer)
	}()
	<-locked
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, mutex)
			a.audit()
		}()
	}
	if fixed {
		later(func() { answer <- &job{} })
	}
}

// The panic was recovered further up; the Unlock was not deferred.
func panicWithoutUnlock(fixed bool) {
	truth.Expect(1)
	a := &account{}
	func() {
		defer func() { _ = recover() }()
		a.mu.Lock()
		a.balance.id++
		a.mu.Unlock()
	}()
	go func() {
		leakedUnless(fixed, mutex)
		a.audit()
	}()
	if fixed {
		later(a.mu.Unlock)
	}
}

// The initialisation asks for what it initialises.
func onceInsideItself(fixed bool) {
	truth.Expect(1)
	a := &account{}
	go func() {
		if fixed {
			truth.Wakes()
			a.once.Do(func() { <-truth.Wake })
			return
		}
		truth.Leaked(mutex)
		a.once.Do(func() {
			a.once.Do(func() { a.balance = &job{} })
		})
	}()
}
