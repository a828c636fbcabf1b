package main

// Locks that a leaked goroutine holds though it has called much since: none of that gives the lock back.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("lock_held_past_calls", lockHeldPastCalls)
	truth.Once("lock_held_past_calls")
}

type journal interface {
	Note(format string, arguments ...interface{})
}

type visitCounter interface{ Add() }

// Each of these has locks of its own.
type quietJournal struct {
	mu    sync.Mutex
	notes int
}

func (j *quietJournal) Note(format string, arguments ...interface{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.notes++
	fmt.Fprintf(io.Discard, format, arguments...)
}

type counted struct{ n int64 }

func (c *counted) Add() { atomic.AddInt64(&c.n, 1) }

type shelf struct {
	mu    sync.RWMutex
	items map[string]*job
}

//go:noinline
func (s *shelf) put(name string, item *job) {
	s.mu.Lock()
	s.items[name] = item
	s.mu.Unlock()
}

//go:noinline
func (s *shelf) get(name string) (*job, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if item := s.items[name]; item != nil {
		return item, nil
	}
	return nil, errors.New("not there")
}

type office struct {
	mu      sync.Mutex
	journal journal
	counter visitCounter
	shelf   *shelf
	numbers map[string]int
	onVisit func(string)
	visits  int
}

func newOffice() *office {
	return &office{
		journal: &quietJournal{},
		counter: &counted{},
		shelf:   &shelf{items: map[string]*job{}},
		numbers: map[string]int{"b": 2, "a": 1},
		onVisit: func(string) {},
	}
}

var offices []*office

// Held by: offices (global) -> the office, of which the lock is a part. Holder rule: owner is leaked.
func lockHeldPastCalls(fixed bool) {
	for _, holder := range []func(o *office, locked chan struct{}, answer chan *job){
		pastInterfaces, pastItsOwnMethods, pastTheLibrary, pastOthersLocks, pastSends, pastAContext, pastAnInnerFrame, pastARecover,
	} {
		holder := holder
		truth.Expect(1)
		o, locked, answer := newOffice(), make(chan struct{}), answerUnless(fixed)
		offices = append(offices, o)
		go func() {
			leakedUnless(fixed, receive, selecting)
			holder(o, locked, answer)
		}()
		<-locked
		waitsFor(&o.mu, likelyMutex(fixed))
	}
}

//go:noinline
func pastInterfaces(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.journal.Note("%d visits", o.visits)
	o.counter.Add()
	o.onVisit("here")
	close(locked)
	consume(<-answer)
}

//go:noinline
func (o *office) note(format string, arguments ...interface{}) { o.journal.Note(format, arguments...) }

//go:noinline
func (o *office) count(name string) {
	defer o.counter.Add()
	o.numbers[name]++
}

//go:noinline
func pastItsOwnMethods(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	o.note("%d visits", o.visits)
	o.count("a")
	close(locked)
	consume(<-answer)
	o.mu.Unlock()
}

//go:noinline
func pastTheLibrary(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	names := []string{}
	for name := range o.numbers {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
	text, err := json.Marshal(o.numbers)
	if err != nil {
		fmt.Fprintln(io.Discard, err.Error())
		return
	}
	var once sync.Once
	once.Do(func() { o.visits += len(text) })
	io.Copy(io.Discard, strings.NewReader(strings.Join(names, " ")))
	close(locked)
	consume(<-answer)
}

//go:noinline
func pastOthersLocks(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.shelf.put("a", &job{})
	if _, err := o.shelf.get("b"); err == nil {
		return
	}
	close(locked)
	consume(<-answer)
}

//go:noinline
func pastSends(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	results := make(chan *job, 2)
	results <- &job{}
	results <- <-results
	locked <- struct{}{}
	consume(<-answer)
}

//go:noinline
func pastAContext(o *office, locked chan struct{}, answer chan *job) {
	withOffice(context.Background(), o, locked, answer)
}

//go:noinline
func withOffice(ctx context.Context, o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	close(locked)
	select {
	case <-ctx.Done():
	case item := <-answer:
		consume(item)
	}
}

//go:noinline
func pastAnInnerFrame(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	o.receive(locked, answer)
	o.mu.Unlock()
}

//go:noinline
func (o *office) receive(locked chan struct{}, answer chan *job) {
	o.journal.Note("%d visits", o.visits)
	o.shelf.put("b", &job{})
	close(locked)
	consume(<-answer)
}

//go:noinline
func pastARecover(o *office, locked chan struct{}, answer chan *job) {
	o.mu.Lock()
	defer func() {
		if recover() != nil {
			o.visits = 0
		}
		o.mu.Unlock()
	}()
	o.visits++
	fmt.Fprint(io.Discard, o.visits)
	close(locked)
	consume(<-answer)
}
