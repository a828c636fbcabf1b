package main

// Locks, conditions and counters that anybody can reach, and that those who were to release them never will. Leak and twin have their own
// each, as in registries.go.

import (
	"strconv"
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("lock_of_a_global_cache", lockOfAGlobalCache)
	truth.Program("global_lock_of_a_leaked_one", globalLockOfALeakedOne)
	truth.Program("global_lock_taken_twice", globalLockTakenTwice)
	truth.Program("global_locks_in_a_ring", globalLocksInARing)
	truth.Program("global_rwmutex_upgraded", globalRWMutexUpgraded)
	for _, name := range []string{"global_lock_taken_twice", "global_locks_in_a_ring", "global_rwmutex_upgraded"} {
		truth.Once(name)
	}
	truth.Program("global_condition_not_signalled", globalConditionNotSignalled)
	truth.Program("global_counter_never_zero", globalCounterNeverZero)
}

var accounts, accountsOfTwins = map[string]*account{}, map[string]*account{}

// Who locked has returned on the error path, and is gone.
// Held by: accounts (global map) -> the account, of which the lock is a part. Holder rule: parent has returned (no stack has a frame
// between Lock and Unlock of it).
func lockOfAGlobalCache(fixed bool) {
	truth.Expect(2)
	a := &account{}
	if fixed {
		accountsOfTwins["a"] = a
		locked := make(chan struct{})
		go func() {
			a.mu.Lock()
			close(locked)
			<-truth.Wake
			a.mu.Unlock()
		}()
		<-locked
	} else {
		accounts[strconv.Itoa(len(accounts))] = a
		_ = a.withdraw(true)
	}
	for i := 0; i < 2; i++ {
		go func() {
			likelyUnless(fixed, truth.ParentReturned, mutex)
			a.audit()
		}()
	}
}

var (
	globalLock, globalLockOfTwins sync.Mutex
	globalLockTaken               bool
)

// Held by: nothing needs to hold a global lock; it is where it is. Its owner is leaked for certain (nobody has the other end of its
// channel), so that the lock is never released. Holder rule: owner is leaked.
func globalLockOfALeakedOne(fixed bool) {
	truth.Expect(2)
	lock, answer, locked := &globalLock, make(chan *job), make(chan struct{})
	if fixed {
		lock = &globalLockOfTwins
		later(func() { answer <- &job{} })
	}
	if fixed || !globalLockTaken { // when it grows there are more and more who wait for the one
		truth.Expect(1)
		go func() {
			leakedUnless(fixed, receive)
			lock.Lock()
			defer lock.Unlock()
			close(locked)
			<-answer
		}()
		<-locked
		globalLockTaken = !fixed
	}
	for i := 0; i < 2; i++ {
		go func() {
			likelyUnless(fixed, truth.OwnerLeaked, mutex)
			lock.Lock()
			lock.Unlock()
		}()
	}
}

var twiceLocked, twiceLockedOfTwins sync.Mutex

// Held by: nothing, it is global. Its owner is the one who waits for it. Holder rule: owner is leaked.
func globalLockTakenTwice(fixed bool) {
	truth.Expect(1)
	go func() {
		likelyUnless(fixed, truth.OwnerLeaked, mutex)
		if fixed {
			twiceLockedOfTwins.Lock()
			later(twiceLockedOfTwins.Unlock)
			twiceLockedOfTwins.Lock()
			return
		}
		twiceLocked.Lock()
		defer twiceLocked.Unlock()
		twiceLocked.Lock()
	}()
}

var ring, ringOfTwins [2]sync.Mutex

// Held by: nothing, both are global. Each is owned by the one who waits for the other. Holder rule: owner is leaked (a ring).
func globalLocksInARing(fixed bool) {
	truth.Expect(2)
	locks, together := &ring, &sync.WaitGroup{}
	if fixed {
		locks = &ringOfTwins
	}
	together.Add(2)
	for i := range locks {
		go func(first, second *sync.Mutex) {
			likelyUnless(fixed, truth.OwnerLeaked, mutex)
			first.Lock()
			together.Done()
			together.Wait()
			if fixed {
				later(first.Unlock)
				second.Lock()
				second.Unlock()
				return
			}
			second.Lock()
			second.Unlock()
			first.Unlock()
		}(&locks[i], &locks[1-i])
	}
}

var configuration, configurationOfTwins sync.RWMutex

// Held by: nothing, it is global. The one reader that the writer waits for is itself. Holder rule: owner is leaked. Others who want to
// read wait behind it.
func globalRWMutexUpgraded(fixed bool) {
	truth.Expect(2)
	lock := &configuration
	if fixed {
		lock = &configurationOfTwins
	}
	go func() {
		likelyUnless(fixed, truth.OwnerLeaked, rwmutex)
		lock.RLock()
		if fixed {
			later(lock.RUnlock)
			lock.Lock()
			lock.Unlock()
			return
		}
		lock.Lock()
		lock.Unlock()
		lock.RUnlock()
	}()
	go func() {
		for lock.TryRLock() {
			lock.RUnlock()
		}
		likelyUnless(fixed, truth.OwnerLeaked, rwmutex)
		lock.RLock()
		lock.RUnlock()
	}()
}

var stock, stockOfTwins = newGate(), newGate()

// Held by: stock (global) -> the condition. Who would have filled it has returned. Holder rule: parent has returned.
func globalConditionNotSignalled(fixed bool) {
	truth.Expect(2)
	g := stock
	if fixed {
		g = stockOfTwins
		later(func() {
			g.mu.Lock()
			g.open = true
			g.mu.Unlock()
			g.changed.Broadcast()
		})
	}
	for i := 0; i < 2; i++ {
		go func() {
			likelyUnless(fixed, truth.ParentReturned, cond)
			g.pass()
		}()
	}
}

var background, backgroundOfTwins = &account{}, &account{}

// Held by: background (global) -> the counter in it. The one who was to count down has returned. Holder rule: parent has returned.
func globalCounterNeverZero(fixed bool) {
	truth.Expect(1)
	a := background
	if fixed {
		a = backgroundOfTwins
	}
	a.wg.Add(1)
	if fixed {
		later(a.wg.Done)
	} else {
		_, _ = work(true)
	}
	go func() {
		likelyUnless(fixed, truth.ParentReturned, waitgroup)
		a.wg.Wait()
	}()
}
