// What leaks hold, so that it can be measured: groups of goroutines with memory of their own, memory that two groups share, and
// memory that is in use elsewhere too. "end GROUP" ends a group, by an address that only this program knows: nothing reaches
// what the group waits for, until then. "heap" is what the runtime counts in its heap once it has collected.
package main

import (
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"goshawk.test/programs/truth"
)

func main() {
	truth.Program("costs_of_groups", costsOfGroups)
	truth.Main()
}

// keep lets the compiler neither drop v nor know what becomes of it.
//
//go:noinline
func keep(v interface{}) { kept = v; kept = nil }

var kept interface{}

// Where a group waits. Its members hold it while they do.
type meeting struct {
	ch, other chan *tree
	mu        sync.Mutex
	data      *tree
}

type tree struct {
	left, right *tree
	data        *[512]byte
}

func grow(depth int) *tree {
	if depth == 0 {
		return nil
	}
	return &tree{grow(depth - 1), grow(depth - 1), new([512]byte)}
}

type group struct {
	members int
	rule    string
	prepare func(*meeting)
	member  func(*meeting) // blocks
	end     func(*meeting)
}

func closeIt(m *meeting) { close(m.ch) }

var groups = map[string]group{
	"trees":      {20, "goroutine/blocked-receive", nil, holdsTrees, closeIt},
	"tables":     {5, "goroutine/blocked-select", nil, holdsTables, closeIt},
	"senders":    {senders, "goroutine/blocked-send", fillChannel, holdsMessages, drainChannel},
	"locks":      {5, "goroutine/mutex", lockForGood, holdsLocks, func(m *meeting) { m.mu.Unlock() }},
	"finalizers": {4, "goroutine/blocked-receive", nil, holdsFinalizers, closeIt},
}

const (
	buffered = 500
	senders  = 10
)

var (
	hidden    = map[string]uintptr{} // by group: the address with all bits turned over
	open      []*meeting             // of the correct twin, where everybody finds them
	inUse     = grow(10)             // of two groups, and the program's own
	ofTwo     *tree                  // of two groups, until they are started
	finalized int64
)

func costsOfGroups(fixed bool) {
	ofTwo = grow(11)
	for name, g := range groups {
		truth.Expect(g.members)
		m := &meeting{ch: make(chan *tree), other: make(chan *tree)}
		if g.prepare != nil {
			g.prepare(m)
		}
		for i := 0; i < g.members; i++ {
			go g.start(m, fixed)
		}
		if fixed {
			open = append(open, m)
			truth.OnWake(func(g group, m *meeting) func() { return func() { g.end(m) } }(g, m))
		} else {
			hidden[name] = ^uintptr(unsafe.Pointer(m))
		}
	}
	truth.OnceAtRest(func() { ofTwo = nil })
	truth.OnCommand("end", endGroup)
	truth.OnCommand("heap", countHeap)
}

func (g group) start(m *meeting, fixed bool) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Leaked(g.rule)
	}
	g.member(m)
	keep(m)
}

// On a goroutine of its own: what it has found is on no stack afterwards.
func endGroup(name string) interface{} {
	g, before := groups[name], runtime.NumGoroutine()
	go func() {
		address := ^hidden[name]
		g.end(*(**meeting)(unsafe.Pointer(&address)))
	}()
	return truth.AwaitGone(before, g.members)
}

func countHeap(string) interface{} {
	var stats runtime.MemStats
	for done := int64(-1); done != atomic.LoadInt64(&finalized); {
		done = atomic.LoadInt64(&finalized)
		for i := 0; i < 3; i++ {
			runtime.GC()
		}
		afterQueuedFinalizers()
	}
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

// Finalizers run one after the other: when one of our own has run, those before it have.
func afterQueuedFinalizers() {
	ran := make(chan struct{})
	runtime.SetFinalizer(&tree{data: new([512]byte)}, func(*tree) { close(ran) })
	runtime.GC()
	<-ran
}

func holdsTrees(m *meeting) {
	own, common, used := grow(9), ofTwo, inUse
	<-m.ch
	keep([]*tree{own, common, used})
}

func holdsTables(m *meeting) {
	table, common, used := map[int]*[512]byte{}, ofTwo, inUse
	for i := 0; i < 1000; i++ {
		table[i] = new([512]byte)
	}
	last := func() int { return len(table) }
	defer func() { keep(last) }()
	select {
	case <-m.ch:
	case <-m.other:
	}
	keep([]*tree{common, used})
}

func fillChannel(m *meeting) {
	m.ch = make(chan *tree, buffered)
	for i := 0; i < buffered; i++ {
		m.ch <- grow(1)
	}
}

func drainChannel(m *meeting) {
	for i := 0; i < buffered+senders; i++ {
		<-m.ch
	}
}

func holdsMessages(m *meeting) {
	m.ch <- grow(8)
}

func lockForGood(m *meeting) {
	m.mu.Lock()
	m.data = grow(10)
}

func holdsLocks(m *meeting) {
	own := grow(6)
	m.mu.Lock()
	m.mu.Unlock()
	keep(own)
}

type file struct {
	content []byte
	index   *tree
}

func holdsFinalizers(m *meeting) {
	f := &file{make([]byte, 200_000), grow(8)}
	runtime.SetFinalizer(f, func(*file) { atomic.AddInt64(&finalized, 1) })
	<-m.ch
	keep(f)
}
