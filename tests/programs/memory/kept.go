package main

// What the heap holds in ways of Go's own, so many of each as the command says.

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

type spare struct {
	used int
	room []byte
}

type counter struct {
	name   string
	spares sync.Pool
}

var (
	spares = sync.Pool{New: anotherSpare}
	// A stripped program does not tell the types of its variables, but what is in an interface.
	office interface{}
	taken  []*spare
)

const spareBytes = 64 << 10

// By the command; newer releases have more.
var keepers = map[string]func(n int) interface{}{
	"pool": fillPool, "desk": fillDesk, "timers": startTimers, "collect": collect,
}

func init() {
	truth.Correct("kept", func() {
		for name, f := range keepers {
			f := f
			truth.OnCommand(name, func(argument string) interface{} {
				n, err := strconv.Atoi(argument)
				if err != nil {
					panic(err)
				}
				debug.SetGCPercent(-1) // no collection but by command
				return f(n)
			})
		}
	})
}

func anotherSpare() interface{} { return newSpare() }

func newSpare() *spare { return &spare{room: make([]byte, spareBytes)} }

// The first one is also held otherwise.
func fillPool(n int) interface{} {
	for i := 0; i < n; i++ {
		one := newSpare()
		if i == 0 {
			taken = append(taken, one)
		}
		spares.Put(one)
	}
	return true
}

func fillDesk(n int) interface{} {
	office = &counter{name: "front"}
	for i := 0; i < n; i++ {
		office.(*counter).spares.Put(newSpare())
	}
	return true
}

// Timers of few enough that nobody is blamed, with much behind them. From the first sample on all are sampled.
func startTimers(n int) interface{} {
	runtime.MemProfileRate = 1
	for i := 0; i < n; i++ {
		one := newSpare()
		time.AfterFunc(time.Hour, func() { one.used++ })
	}
	return true
}

func collect(n int) interface{} {
	for i := 0; i < n; i++ {
		runtime.GC()
	}
	return true
}
