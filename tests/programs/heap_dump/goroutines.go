package main

// Goroutines that wait in every way, with pointers on their stacks that nothing else has.

import (
	"sync"
	"time"
)

var (
	mutex, lower sync.Mutex
	condition    = sync.NewCond(&lower)
	waiting      sync.WaitGroup
	readers      sync.RWMutex
	receiving    = make(chan *mixed)
	sending      = make(chan *mixed)
	others       [3]chan *mixed
	timers       []*time.Timer
	table        [300]*mixed // words of its own each
)

//go:noinline
func own() *mixed {
	made := &mixed{}
	fill(made)
	return made
}

func goroutines() {
	for i := range others {
		others[i] = make(chan *mixed)
	}
	mutex.Lock()
	readers.Lock()
	waiting.Add(1)
	for i := 0; i < 10; i++ {
		for _, f := range []func(*mixed){receives, sends, selects, locks, reads, waits, awaits, panics, defers} {
			go f(own())
		}
		go deep(own(), i*30)
		timers = append(timers, time.NewTimer(time.Hour), time.AfterFunc(time.Hour, own().say))
	}
	for i := range table {
		table[i] = pointer()
	}
	for _, timer := range timers[:6] {
		timer.Stop()
	}
	hold(time.NewTicker(time.Hour))
}

func (m *mixed) say() { println(m.number) }

func receives(m *mixed) { m.next = <-receiving; m.say() }

func sends(m *mixed) { sending <- own(); m.say() }

func selects(m *mixed) {
	select {
	case m.next = <-others[0]:
	case others[1] <- own():
	case m.next = <-others[2]:
	}
	m.say()
}

func locks(m *mixed) { mutex.Lock(); m.say() }

func reads(m *mixed) { readers.RLock(); m.say() }

func waits(m *mixed) { waiting.Wait(); m.say() }

func awaits(m *mixed) { lower.Lock(); condition.Wait(); m.say() }

func panics(m *mixed) {
	defer func() { <-receiving }()
	panic(m)
}

func defers(m *mixed) {
	for i := 0; i < 5; i++ {
		one := own()
		defer func() { one.say(); m.say() }()
	}
	<-receiving
}

// Some of what its frames have lies on the stack itself, and is found by a pointer to it.
func deep(m *mixed, depth int) {
	var local mixed
	local.next, local.list = own(), []*mixed{own()}
	switch {
	case depth == 0:
		<-receiving
	case depth%2 == 0:
		deep(&local, depth-1)
	default:
		deep(own(), depth-1)
	}
	m.say()
}
