package main

// Locks that were given back before their owner came to where it waits: by what it has called, or by whom it has sent them to. Who is
// leaked has them no more, and would find out only later; who has them now does not show it, and unlocks them when it is done.

import (
	"context"
	"sort"
	"strconv"
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Correct("lock_released_by_a_method", eachReleased(
		releasedByAMethod, releasedThreeCallsAway, releasedByAnInnerFrame, releasedInAPanic, releasedInALoop, releasedInASwitch,
		releasedByThePromoted, releasedAtLast, releasedInTurns, releasedByName,
	))
	truth.Correct("lock_released_by_a_function_value", eachReleased(
		releasedByAMethodValue, releasedByAClosure, releasedByAField, releasedByOneOfAMap, releasedByOneOfMany, releasedOnce,
		releasedByAnotherOnce, releasedByAMethodExpression, releasedByWhatWasReturned, releasedByOneOfTwo, releasedByOptions,
		releasedWhileSorting, releasedByWhatWasMadeBefore,
	))
	truth.Correct("lock_released_through_a_struct", eachReleased(
		releasedThroughAnInterface, releasedThroughAnArgument, releasedThroughAConstraint, releasedThroughAnInnerFrame,
		releasedThroughALocker,
	))
	truth.Correct("lock_sent_away", eachReleased(
		sentInAMessage, sentByPointer, sentAsAFunction, sentInAContext, sentByAMethod, sentInASelect, sentByAnotherGoroutine,
	))
	truth.Correct("lock_released_beside_many", eachReleased(releasedBesideMany))
	truth.Correct("lock_of_another_node", lockOfAnotherNode)
	for _, name := range []string{
		"lock_released_by_a_method",
		"lock_released_by_a_function_value",
		"lock_released_through_a_struct",
		"lock_sent_away",
		"lock_released_beside_many",
		"lock_of_another_node",
	} {
		truth.Once(name)
	}
}

type releaser interface{ Release() }

type lent struct {
	sync.Mutex
	count   int
	unlock  func()
	self    releaser
	hooks   map[string]func()
	cleanup []func()
	once    sync.Once
}

func newLent() *lent {
	l := &lent{}
	l.unlock, l.self = l.Unlock, l
	l.hooks = map[string]func(){"before": func() {}, "after": l.Unlock}
	return l
}

func eachReleased(holders ...func(l *lent, ready chan struct{})) func() {
	return func() {
		for _, holder := range holders {
			released(holder)
		}
	}
}

func released(holder func(l *lent, ready chan struct{})) {
	truth.Expect(1)
	l, ready := newLent(), make(chan struct{})
	go func() {
		truth.Leaked(receive)
		holder(l, ready)
	}()
	<-ready
	select {
	case given := <-messages:
		later(given.owner.unlock)
	case given := <-pointers:
		later(given.owner.unlock)
	case given := <-contexts:
		later(given.Value(ownerKey{}).(*lent).unlock)
	case given := <-functions:
		later(given)
	default:
		heldUnseen(&l.Mutex)
	}
	waitsFor(l, truth.Wakes)
}

func waitForNobody(ready chan struct{}) {
	close(ready)
	<-make(chan *job)
}

//go:noinline
func (l *lent) Release() { l.Unlock() }

//go:noinline
func (l *lent) finish() {
	l.count++
	l.Release()
}

//go:noinline
func (l *lent) finishAll() {
	l.count += len(strconv.Itoa(l.count))
	l.finish()
}

//go:noinline
func releasedByAMethod(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	l.Release()
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedThreeCallsAway(l *lent, ready chan struct{}) {
	l.Lock()
	l.finishAll()
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedByAnInnerFrame(l *lent, ready chan struct{}) {
	l.Lock()
	finishAndWait(l, ready)
	l.Unlock()
}

//go:noinline
func finishAndWait(l *lent, ready chan struct{}) {
	l.finish()
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedInAPanic(l *lent, ready chan struct{}) {
	l.Lock()
	l.fail()
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func (l *lent) fail() {
	defer func() {
		if recover() != nil {
			l.Unlock()
		}
	}()
	panic("as it does")
}

//go:noinline
func releasedInALoop(l *lent, ready chan struct{}) {
	l.Lock()
	unlockAll([]*lent{l})
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func unlockAll(all []*lent) {
	for _, l := range all {
		defer l.Unlock()
	}
}

//go:noinline
func releasedInASwitch(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	l.step(3)
	waitForNobody(ready)
	l.Lock()
}

// A jump through a table, which cannot be followed.
//
//go:noinline
func (l *lent) step(number int) {
	switch number {
	case 0:
		l.count = 4
	case 1:
		l.hooks = nil
	case 2:
		l.self = nil
	case 3:
		l.Unlock()
	case 4:
		l.unlock = nil
	case 5:
		l.cleanup = nil
	case 6:
		l.count++
	case 7:
		l.count = 9
	case 8:
		l.count--
	}
}

type renting struct{ *lent }

//go:noinline
func releasedByThePromoted(l *lent, ready chan struct{}) {
	l.Lock()
	release(renting{l})
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func release(r releaser) { r.Release() }

// The way out of it is a goto, past the Unlock at its end.
//
//go:noinline
func releasedAtLast(l *lent, ready chan struct{}) {
	l.Lock()
	if l.count == 0 {
		l.finish()
		goto wait
	}
	l.count = 1
wait:
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedInTurns(l *lent, ready chan struct{}) {
	l.Lock()
	l.takeTurn(3)
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func (l *lent) takeTurn(left int) {
	if left > 0 {
		l.takeOtherTurn(left - 1)
	}
}

//go:noinline
func (l *lent) takeOtherTurn(left int) {
	if left == 0 {
		l.Unlock()
	}
	l.takeTurn(left - 1)
}

var lentByName = map[string]*lent{}

//go:noinline
func releasedByName(l *lent, ready chan struct{}) {
	lentByName["it"] = l
	l.Lock()
	unlockByName("it")
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func unlockByName(name string) { lentByName[name].Unlock() }

//go:noinline
func callNow(f func()) { f() }

//go:noinline
func releasedByAMethodValue(l *lent, ready chan struct{}) {
	l.Lock()
	callNow(l.Mutex.Unlock)
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedByAClosure(l *lent, ready chan struct{}) {
	l.Lock()
	locked := true
	defer func() {
		if locked {
			l.Unlock()
		}
	}()
	callNow(func() {
		l.Unlock()
		locked = false
	})
	waitForNobody(ready)
}

//go:noinline
func releasedByAField(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	l.unlock()
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedByOneOfAMap(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	l.hooks["after"]()
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedByOneOfMany(l *lent, ready chan struct{}) {
	l.Lock()
	l.cleanup = append(l.cleanup, func() {}, l.Unlock)
	for _, f := range l.cleanup {
		f()
	}
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedOnce(l *lent, ready chan struct{}) {
	l.Lock()
	unlock := onlyOnce(l.Unlock)
	defer unlock()
	unlock()
	waitForNobody(ready)
}

//go:noinline
func onlyOnce(f func()) func() {
	var once sync.Once
	return func() { once.Do(f) }
}

//go:noinline
func releasedByAnotherOnce(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	l.once.Do(l.unlock)
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func apply(l *lent, f func(*lent)) { f(l) }

//go:noinline
func releasedByAMethodExpression(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	apply(l, (*lent).Release)
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func (l *lent) unlocker() func() { return l.Unlock }

//go:noinline
func releasedByWhatWasReturned(l *lent, ready chan struct{}) {
	l.Lock()
	unlock := l.unlocker()
	unlock()
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedByOneOfTwo(l *lent, ready chan struct{}) {
	l.Lock()
	done := func() {}
	if l.count == 0 {
		done = l.Release
	}
	done()
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

type options struct {
	count int
	done  func()
}

//go:noinline
func callWith(o *options) {
	o.count++
	o.done()
}

//go:noinline
func releasedByOptions(l *lent, ready chan struct{}) {
	l.Lock()
	callWith(&options{1, l.Mutex.Unlock})
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedWhileSorting(l *lent, ready chan struct{}) {
	l.Lock()
	numbers, locked := []int{2, 1, 3}, true
	sort.Slice(numbers, func(i, j int) bool {
		if locked {
			locked = false
			l.Unlock()
		}
		return numbers[i] < numbers[j]
	})
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releasedByWhatWasMadeBefore(l *lent, ready chan struct{}) {
	unlock := onlyOnce(l.Unlock)
	l.Lock()
	defer l.Unlock()
	unlock()
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedThroughAnInterface(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	l.self.Release()
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedThroughAnArgument(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	release(l.self)
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func unlockAny[T interface{ Unlock() }](lock T) { lock.Unlock() }

//go:noinline
func releasedThroughAConstraint(l *lent, ready chan struct{}) {
	l.Lock()
	defer l.Unlock()
	unlockAny(l)
	waitForNobody(ready)
	l.Lock()
}

//go:noinline
func releasedThroughAnInnerFrame(l *lent, ready chan struct{}) {
	l.Lock()
	releaseAndWait(l, ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releaseAndWait(r releaser, ready chan struct{}) {
	r.Release()
	waitForNobody(ready)
}

//go:noinline
func releasedThroughALocker(l *lent, ready chan struct{}) {
	l.Lock()
	lockers := map[string]sync.Locker{"it": l}
	lockers["it"].Unlock()
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

type message struct {
	number int
	owner  *lent
}

var (
	functions = make(chan func(), 1)
	messages  = make(chan message, 1)
	pointers  = make(chan *message, 1)
	contexts  = make(chan context.Context, 1)
)

type ownerKey struct{}

//go:noinline
func sentInAMessage(l *lent, ready chan struct{}) {
	l.Lock()
	messages <- message{l.count, l}
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func sentByPointer(l *lent, ready chan struct{}) {
	l.Lock()
	pointers <- &message{l.count, l}
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func sentAsAFunction(l *lent, ready chan struct{}) {
	l.Lock()
	sent := false
	defer func() {
		if !sent {
			l.Unlock()
		}
	}()
	functions <- l.Mutex.Unlock
	sent = true
	waitForNobody(ready)
}

//go:noinline
func sentInAContext(l *lent, ready chan struct{}) {
	l.Lock()
	contexts <- context.WithValue(context.Background(), ownerKey{}, l)
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func (l *lent) send() { messages <- message{l.count, l} }

//go:noinline
func sentByAMethod(l *lent, ready chan struct{}) {
	l.Lock()
	l.send()
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

// Where nobody takes it, it unlocks it itself.
//
//go:noinline
func sentInASelect(l *lent, ready chan struct{}) {
	l.Lock()
	select {
	case messages <- message{l.count, l}:
	case <-ready:
		l.Unlock()
		return
	}
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func (l *lent) giveBackLater(done chan struct{}) {
	go func() {
		functions <- l.unlock
		close(done)
	}()
}

//go:noinline
func sentByAnotherGoroutine(l *lent, ready chan struct{}) {
	l.Lock()
	done := make(chan struct{})
	go l.giveBackLater(done)
	<-done
	waitForNobody(ready)
	l.Lock()
	l.Unlock()
}

var many [20]lent

//go:noinline
func releasedBesideMany(l *lent, ready chan struct{}) {
	for i := range many {
		many[i].Lock()
	}
	l.Lock()
	releaseManyAndWait(l, ready)
	l.Lock()
	l.Unlock()
}

//go:noinline
func releaseManyAndWait(l *lent, ready chan struct{}) {
	many[0].Unlock()
	many[1].Unlock()
	many[2].Unlock()
	many[3].Unlock()
	many[4].Unlock()
	many[5].Unlock()
	many[6].Unlock()
	many[7].Unlock()
	many[8].Unlock()
	many[9].Unlock()
	many[10].Unlock()
	many[11].Unlock()
	many[12].Unlock()
	many[13].Unlock()
	many[14].Unlock()
	many[15].Unlock()
	many[16].Unlock()
	many[17].Unlock()
	l.Unlock()
	waitForNobody(ready)
}

type lentNode struct {
	lent *lent
	next *lentNode
}

// It goes from node to node with the lock of the one that it is at; where it waits, its variable leads to the next one, which
// somebody else has locked.
func lockOfAnotherNode() {
	truth.Expect(1)
	ready := make(chan struct{})
	last := newLent()
	go func() {
		truth.Leaked(receive)
		walkNodes(&lentNode{newLent(), &lentNode{last, nil}}, ready)
	}()
	<-ready
	heldUnseen(&last.Mutex)
	waitsFor(last, truth.Wakes)
}

//go:noinline
func walkNodes(n *lentNode, ready chan struct{}) {
	n.lent.Lock()
	leaveNode(&n)
	waitForNobody(ready)
	n.lent.Lock()
	n.lent.Unlock()
}

//go:noinline
func leaveNode(n **lentNode) {
	(*n).lent.Unlock()
	*n = (*n).next
}
