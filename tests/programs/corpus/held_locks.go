package main

// Locks that anybody can reach, and who has them: by a leaked goroutine, which nobody mends, or by one that looks leaked with them and has
// given them away. Where a lock is taken by TryLock its holder does not show: then nothing but the lock's own code path tells.

import (
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("global_lock_past_an_early_return", globalLockPastAnEarlyReturn)
	truth.Program("global_lock_of_many", globalLockOfMany)
	truth.Program("server_lock_of_a_leaked_one", serverLockOfALeakedOne)
	truth.Program("global_locks_in_a_chain", globalLocksInAChain)
	truth.Program("global_write_lock_of_a_leaked_one", globalWriteLockOfALeakedOne)
	truth.Program("global_read_lock_of_a_leaked_one", globalReadLockOfALeakedOne)
	truth.Program("global_once_stuck", globalOnceStuck)
	truth.Correct("lock_handed_over", lockHandedOver)
	truth.Correct("lock_handed_over_or_kept", lockHandedOverOrKept)
	truth.Correct("lock_as_a_signal", lockAsASignal)
	truth.Correct("lock_given_back_by_a_timer", lockGivenBackByATimer)
	truth.Correct("lock_given_back_by_a_condition", lockGivenBackByACondition)
	truth.Correct("lock_given_back_through_an_interface", lockGivenBackThroughAnInterface)
	truth.Correct("lock_given_back_by_another_name", lockGivenBackByAnotherName)
	truth.Correct("lock_given_back_by_a_callee", lockGivenBackByACallee)
	truth.Correct("lock_taken_on_one_way_only", lockTakenOnOneWayOnly)
	truth.Correct("lock_of_what_was_replaced", lockOfWhatWasReplaced)
	truth.Once("lock_of_what_was_replaced")
	truth.Correct("lock_of_a_neighbour", lockOfANeighbour)
	truth.Correct("read_lock_given_back_by_a_callee", readLockGivenBackByACallee)
	for _, name := range []string{
		"global_lock_past_an_early_return", "global_lock_of_many", "server_lock_of_a_leaked_one", "global_locks_in_a_chain",
		"global_write_lock_of_a_leaked_one", "global_read_lock_of_a_leaked_one", "global_once_stuck", "lock_handed_over", "lock_as_a_signal",
		"lock_given_back_by_a_timer", "lock_given_back_by_another_name", "lock_handed_over_or_kept", "lock_given_back_by_a_condition", "lock_given_back_through_an_interface", "lock_given_back_by_a_callee",
		"lock_taken_on_one_way_only", "lock_of_a_neighbour", "read_lock_given_back_by_a_callee",
	} {
		truth.Once(name)
	}
}

// waitsFor is a goroutine of its own that locks and unlocks.
func waitsFor(lock sync.Locker, claim func()) {
	truth.Expect(1)
	go func() {
		claim()
		lock.Lock()
		lock.Unlock()
	}()
}

func likelyMutex(fixed bool) func() { return func() { likelyUnless(fixed, truth.OwnerLeaked, mutex) } }

func likelyRWMutex(fixed bool) func() {
	return func() { likelyUnless(fixed, truth.OwnerLeaked, rwmutex, mutex) }
}

// never is what nobody has the other end of; answered what somebody has.
func answerUnless(fixed bool) chan *job {
	answer := make(chan *job)
	if fixed {
		later(func() { answer <- &job{} })
	}
	return answer
}

var inventory struct {
	stock map[string]int
	mu    sync.Mutex
}

// Unlocked on the way out of an early return, and forgotten by nobody: but the one in the middle waits for ever.
// Held by: nothing, it is global. Holder rule: owner is leaked.
func globalLockPastAnEarlyReturn(fixed bool) {
	truth.Expect(1)
	answer, locked := answerUnless(fixed), make(chan struct{})
	go func() {
		leakedUnless(fixed, receive)
		reserve("a", locked, answer)
	}()
	<-locked
	for i := 0; i < 2; i++ {
		truth.Expect(1)
		go func() {
			likelyMutex(fixed)()
			reserve("", nil, nil)
		}()
	}
}

//go:noinline
func reserve(name string, locked chan struct{}, answer chan *job) bool {
	inventory.mu.Lock()
	if name == "" {
		inventory.mu.Unlock()
		return false
	}
	if inventory.stock[name] > 0 {
		inventory.stock[name]--
		inventory.mu.Unlock()
		return true
	}
	close(locked)
	consume(<-answer)
	inventory.mu.Unlock()
	return true
}

type shard struct {
	entries map[int]*job
	lock    sync.Mutex
}

var shards [8]shard

// Held by: nothing, it is global; which of the array is only known while it runs. Holder rule: owner is leaked.
func globalLockOfMany(fixed bool) {
	truth.Expect(2)
	locked := make(chan struct{})
	go withShard(&shards[3], func() {
		leakedUnless(fixed, receive)
	}, locked, answerUnless(fixed))
	go withShard(&shards[5], truth.Wakes, locked, answerUnless(true))
	<-locked
	<-locked
	waitsFor(&shards[3].lock, likelyMutex(fixed))
	waitsFor(&shards[5].lock, truth.Wakes)
}

//go:noinline
func withShard(shard *shard, claim func(), locked chan struct{}, answer chan *job) {
	claim()
	shard.lock.Lock()
	defer shard.lock.Unlock()
	locked <- struct{}{}
	shard.entries = map[int]*job{0: <-answer}
}

type server struct {
	name string
	conf *job
	mu   sync.Mutex
	rw   sync.RWMutex
	once sync.Once
}

var theServer *server

// Held by: theServer (global) -> the server, of which the lock is a part. Holder rule: owner is leaked.
func serverLockOfALeakedOne(fixed bool) {
	truth.Expect(3)
	theServer = &server{conf: &job{}}
	locked := make(chan struct{})
	go func() {
		leakedUnless(fixed, receive)
		theServer.reload(locked, answerUnless(fixed))
	}()
	<-locked
	for i := 0; i < 2; i++ {
		go func() {
			likelyMutex(fixed)()
			consume(theServer.configuration())
		}()
	}
}

func (s *server) reload(locked chan struct{}, answer chan *job) {
	s.mu.Lock()
	close(locked)
	s.conf = <-answer
	s.mu.Unlock()
}

//go:noinline
func (s *server) configuration() *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conf
}

var chain [3]sync.Mutex

// Each has one lock and waits for that of the one before; the first is leaked.
// Held by: nothing, they are global. Holder rule: owner is leaked, several times.
func globalLocksInAChain(fixed bool) {
	truth.Expect(1)
	locked, answer := make(chan struct{}), answerUnless(fixed)
	go func() {
		leakedUnless(fixed, receive)
		chain[0].Lock()
		defer chain[0].Unlock()
		locked <- struct{}{}
		consume(<-answer)
	}()
	<-locked
	for i := 0; i < 2; i++ {
		truth.Expect(1)
		go func(first, second *sync.Mutex) {
			likelyMutex(fixed)()
			first.Lock()
			locked <- struct{}{}
			second.Lock()
			second.Unlock()
			first.Unlock()
		}(&chain[i+1], &chain[i])
		<-locked
	}
	waitsFor(&chain[2], likelyMutex(fixed))
}

var settings sync.RWMutex

// Held by: nothing, it is global. Holder rule: owner is leaked.
func globalWriteLockOfALeakedOne(fixed bool) {
	truth.Expect(1)
	locked, answer := make(chan struct{}), answerUnless(fixed)
	go func() {
		leakedUnless(fixed, receive)
		settings.Lock()
		close(locked)
		consume(<-answer)
		settings.Unlock()
	}()
	<-locked
	waitsFor(settings.RLocker(), likelyRWMutex(fixed))
	waitsFor(settings.RLocker(), likelyRWMutex(fixed))
	waitsFor(&settings, likelyRWMutex(fixed))
}

var routes sync.RWMutex

// A reader that waits for ever, a writer that waits for it, and readers that wait for the writer.
// Held by: nothing, it is global. Holder rule: owner is leaked.
func globalReadLockOfALeakedOne(fixed bool) {
	truth.Expect(2)
	locked, answer := make(chan struct{}), answerUnless(fixed)
	go func() {
		leakedUnless(fixed, receive)
		routes.RLock()
		defer routes.RUnlock()
		close(locked)
		consume(<-answer)
	}()
	<-locked
	waitsFor(&routes, likelyRWMutex(fixed))
	go func() {
		for routes.TryRLock() {
			routes.RUnlock()
		}
		likelyRWMutex(fixed)()
		routes.RLock()
		routes.RUnlock()
	}()
}

var connecting sync.Once

// Held by: nothing, it is global. Holder rule: owner is leaked (Once has a Mutex, locked while its function runs).
func globalOnceStuck(fixed bool) {
	truth.Expect(3)
	started, answer := make(chan struct{}), answerUnless(fixed)
	go func() {
		leakedUnless(fixed, receive)
		connecting.Do(func() {
			close(started)
			consume(<-answer)
		})
	}()
	<-started
	for i := 0; i < 2; i++ {
		go func() {
			likelyMutex(fixed)()
			connecting.Do(func() {})
		}()
	}
}

// heldUnseen is held until "wake" by one whose code does not show it.
func heldUnseen(lock *sync.Mutex) {
	if !lock.TryLock() {
		panic("it is locked")
	}
	later(lock.Unlock)
}

var handedOver sync.Mutex

// Who locked has started the one that unlocks, and is leaked: the lock is not.
func lockHandedOver() {
	truth.Expect(1)
	locked := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		handedOver.Lock()
		later(handedOver.Unlock)
		close(locked)
		<-make(chan *job)
	}()
	<-locked
	waitsFor(&handedOver, truth.Wakes)
}

var signalling, leased sync.Mutex

// It locks twice on purpose: whom it has started unlocks when it is done.
func lockAsASignal() {
	truth.Expect(2)
	done := make(chan struct{})
	truth.OnWake(func() { close(done) })
	go func() {
		truth.Wakes()
		signalling.Lock()
		go func() {
			truth.Wakes()
			<-done
			signalling.Unlock()
		}()
		signalling.Lock()
		signalling.Unlock()
	}()
}

// A lease: whoever has it longer than agreed loses it.
func lockGivenBackByATimer() {
	truth.Expect(1)
	go func() {
		truth.Wakes()
		leased.Lock()
		lease := time.AfterFunc(1000*time.Hour, leased.Unlock)
		truth.OnWake(func() { lease.Reset(0) })
		leased.Lock()
		leased.Unlock()
	}()
}

var handedOverOrKept sync.Mutex

// It is unlocked at the end by those who have not handed it over.
func lockHandedOverOrKept() {
	truth.Expect(1)
	locked := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		handOver(true, locked)
	}()
	<-locked
	waitsFor(&handedOverOrKept, truth.Wakes)
}

//go:noinline
func handOver(really bool, locked chan struct{}) {
	handedOverOrKept.Lock()
	if really {
		later(handedOverOrKept.Unlock)
	} else {
		defer handedOverOrKept.Unlock()
	}
	close(locked)
	<-make(chan *job)
}

var (
	changing sync.Mutex
	changed  = sync.NewCond(&changing)
)

// Who waits for the condition has been told, and waits for the lock that it gave back: not for itself.
func lockGivenBackByACondition() {
	truth.Expect(2)
	waiting := make(chan struct{})
	for i := 0; i < 2; i++ {
		go func() {
			truth.Wakes()
			changing.Lock()
			defer changing.Unlock()
			waiting <- struct{}{}
			changed.Wait()
		}()
		<-waiting
		changing.Lock() // it waits by now
		changing.Unlock()
	}
	heldUnseen(&changing)
	changed.Broadcast()
}

// A condition that a timeout can end, as many have written it.
type alarm struct {
	L  sync.Locker
	ch chan *job
}

//go:noinline
func (s *alarm) wait(ready chan struct{}) {
	s.L.Unlock()
	close(ready)
	<-s.ch
	s.L.Lock()
}

var signalled sync.Mutex

func lockGivenBackThroughAnInterface() {
	truth.Expect(1)
	ready := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		s := &alarm{&signalled, make(chan *job)}
		signalled.Lock()
		defer signalled.Unlock()
		s.wait(ready)
	}()
	<-ready
	heldUnseen(&signalled)
	waitsFor(&signalled, truth.Wakes)
}

// A variable and a pointer to it, a pointer and a Locker: the same lock.
type locked struct {
	mu    sync.Mutex
	again sync.Locker
}

var (
	twoNames      sync.Mutex
	pointerToIt   = &twoNames
	twoNamesInOne = newLocked()
)

func newLocked() *locked {
	l := &locked{}
	l.again = &l.mu
	return l
}

func lockGivenBackByAnotherName() {
	truth.Expect(2)
	ready := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		twoNames.Lock()
		defer twoNames.Unlock()
		pointerToIt.Unlock()
		ready <- struct{}{}
		<-make(chan *job)
	}()
	go func(l *locked) {
		truth.Leaked(receive)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.again.Unlock()
		ready <- struct{}{}
		<-make(chan *job)
	}(twoNamesInOne)
	<-ready
	<-ready
	heldUnseen(&twoNames)
	heldUnseen(&twoNamesInOne.mu)
	waitsFor(&twoNames, truth.Wakes)
	waitsFor(&twoNamesInOne.mu, truth.Wakes)
}

var givenBack sync.Mutex

func lockGivenBackByACallee() {
	truth.Expect(1)
	ready := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		givenBack.Lock()
		if !finish(&givenBack, ready) {
			givenBack.Unlock()
		}
	}()
	<-ready
	heldUnseen(&givenBack)
	waitsFor(&givenBack, truth.Wakes)
}

//go:noinline
func finish(lock *sync.Mutex, ready chan struct{}) bool {
	lock.Unlock()
	close(ready)
	<-make(chan *job)
	return true
}

var onOneWay sync.Mutex

func lockTakenOnOneWayOnly() {
	truth.Expect(1)
	ready := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		perhapsLocked(false, ready)
	}()
	<-ready
	heldUnseen(&onOneWay)
	waitsFor(&onOneWay, truth.Wakes)
}

//go:noinline
func perhapsLocked(really bool, ready chan struct{}) {
	if really {
		onOneWay.Lock()
	}
	close(ready)
	<-make(chan *job)
	if really {
		onOneWay.Unlock()
	}
}

var neighbours [4]sync.Mutex

func lockOfANeighbour() {
	truth.Expect(1)
	ready := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		lockNeighbour(2, ready)
	}()
	<-ready
	heldUnseen(&neighbours[0])
	waitsFor(&neighbours[0], truth.Wakes)
	heldUnseen(&neighbours[1])
	waitsFor(&neighbours[1], truth.Wakes)
}

//go:noinline
func lockNeighbour(index int, ready chan struct{}) {
	neighbours[index%len(neighbours)].Lock()
	defer neighbours[index%len(neighbours)].Unlock()
	close(ready)
	<-make(chan *job)
}

var readGivenBack sync.RWMutex

func readLockGivenBackByACallee() {
	truth.Expect(1)
	ready := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		readGivenBack.RLock()
		defer readGivenBack.RUnlock()
		finishReading(&readGivenBack, ready)
	}()
	<-ready
	if !readGivenBack.TryRLock() {
		panic("it is locked")
	}
	later(readGivenBack.RUnlock)
	waitsFor(&readGivenBack, truth.Wakes)
}

//go:noinline
func finishReading(lock *sync.RWMutex, ready chan struct{}) {
	lock.RUnlock()
	close(ready)
	<-make(chan *job)
	lock.RLock()
}

type version struct {
	mu   sync.Mutex
	data *job
}

var service = &struct {
	name    string
	current *version
}{current: &version{}}

// Who is leaked has locked the version that was current then. The pointer by which it came there leads to another one by now, which
// somebody else has locked.
func lockOfWhatWasReplaced() {
	truth.Expect(1)
	locked := make(chan struct{})
	go func() {
		truth.Leaked(receive)
		updateCurrent(locked, make(chan *job))
	}()
	<-locked
	service.current = &version{}
	heldUnseen(&service.current.mu)
	waitsFor(&service.current.mu, truth.Wakes)
}

//go:noinline
func updateCurrent(locked chan struct{}, answer chan *job) {
	service.current.mu.Lock()
	close(locked)
	service.current.data = <-answer
	service.current.mu.Unlock()
}
