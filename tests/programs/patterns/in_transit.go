package main

// What wakes a goroutine is, for some instructions, in no place that a stack map names: a result not yet copied out of the
// area of results, a variable that only a register leads to, a value put aside for a write barrier, or what a function holds
// that called the runtime on the system stack. No collection begins there, but a picture may be taken there. Everything here
// is woken in the end.

import (
	"os"
	"reflect"
	"runtime"
	"runtime/debug"

	"goshawk.test/programs/truth"
)

func init() { truth.Correct("in_transit", inTransit) }

type waker struct {
	ch  chan *holder
	own [8]*holder
}

type manyWakers struct{ All [30]*waker }

//go:noinline
func newWaker() *waker {
	w := &waker{ch: make(chan *holder)}
	go waitFor(w)
	runtime.Gosched()
	return w
}

//go:noinline
func waitFor(w *waker) { <-w.ch }

//go:noinline
func (w *waker) wake() { close(w.ch) }

// Which path is up to the environment (IN_TRANSIT); without it nothing is done.
func inTransit() {
	path, ok := map[string]func(){
		"result":      byResult,
		"register":    byRegister,
		"reflect":     byReflection,
		"barrier":     byBarrier,
		"systemstack": bySystemStack,
		"worker":      byNewWorkers,
	}[os.Getenv("IN_TRANSIT")]
	if !ok {
		return
	}
	truth.OnceAtRest(func() {
		go forever(path)
		if os.Getenv("IN_TRANSIT") == "barrier" {
			debug.SetGCPercent(5)
			go forever(runtime.GC)
		}
	})
}

//go:noinline
func makeMany() (m manyWakers) {
	m.All[29] = newWaker()
	return
}

//go:noinline
func lastOf(m *manyWakers) *waker { return m.All[29] }

//go:noinline
func byResult() {
	m := makeMany()
	m.All[0] = nil
	lastOf(&m).wake()
}

//go:noinline
func byRegister() {
	m := manyWakers{}
	m.All[29] = newWaker()
	wakeSlowly(&m)
}

//go:noinline
func wakeSlowly(m *manyWakers) {
	n := 1
	for i := 0; i < 100; i++ {
		n = n*3 + i
	}
	m.All[n&1].wakeUnlessNil()
	m.All[29].wake()
}

//go:noinline
func (w *waker) wakeUnlessNil() {
	if w != nil {
		w.wake()
	}
}

var reflected = reflect.ValueOf(func(int) (*waker, manyWakers) { return newWaker(), makeMany() })

func byReflection() {
	results := reflected.Call([]reflect.Value{reflect.ValueOf(1)})
	results[0].Interface().(*waker).wake()
	results[1].Field(0).Index(29).Interface().(*waker).wake()
}

var barrierFrom, barrierTo = new(manyWakers), new(manyWakers)

//go:noinline
func byBarrier() {
	for i := 0; i < 50; i++ {
		w := newWaker()
		*barrierFrom = *barrierTo
		*barrierTo = *barrierFrom
		w.wake()
	}
}

var large []byte

// A large object's span is allocated on the system stack.
//
//go:noinline
func bySystemStack() {
	m := manyWakers{}
	m.All[29] = newWaker()
	large = make([]byte, 64<<10)
	lastOf(&m).wake()
}

// Each collection starts one worker more, and waits for it on a channel that only the worker has.
func byNewWorkers() {
	if n := runtime.GOMAXPROCS(0); n < 250 {
		runtime.GOMAXPROCS(n + 1)
	}
	runtime.GC()
}

func forever(work func()) {
	for {
		work()
	}
}
