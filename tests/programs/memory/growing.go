package main

// What grows and what goes between two pictures, by counts that are known. Everything hangs on a value in a slice of interfaces,
// which tells its type in a stripped program of any release.

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"

	"goshawk.test/programs/truth"
)

type visit struct {
	user string
	data *[1000]byte
}

type order struct{ lines [30]int64 }

type cached struct{ page *[500]byte }

type store struct {
	visits map[int]*visit
	orders []*order
	cache  []*cached
}

func (s *store) String() string { return "store" }

var (
	kept  []fmt.Stringer
	tasks = make(chan int)
)

func init() {
	if rate, err := strconv.Atoi(os.Getenv("RATE")); err == nil {
		runtime.MemProfileRate = rate
	}
	truth.Correct("growing", func() {
		kept = append(kept, &store{visits: map[int]*visit{}})
		for name, f := range map[string]func(s *store, n int){
			"visits":  addVisits,
			"orders":  addOrders,
			"cache":   addCached,
			"drop":    func(s *store, _ int) { s.cache = nil },
			"abandon": func(_ *store, n int) { start(n, abandon) },
			"workers": func(_ *store, n int) { start(n, work) },
		} {
			truth.OnCommand(name, apart(f))
		}
	})
}

// On a goroutine of its own, so that no word of it stays on a stack; garbage is gone afterwards.
func apart(f func(s *store, n int)) func(string) interface{} {
	return func(argument string) interface{} {
		n, err := strconv.Atoi(argument)
		if err != nil {
			panic(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			f(kept[0].(*store), n)
		}()
		<-done
		runtime.GC()
		runtime.GC()
		return true
	}
}

func addVisits(s *store, n int) {
	for i := 0; i < n; i++ {
		s.visits[len(s.visits)] = newVisit()
	}
}

//go:noinline
func newVisit() *visit { return &visit{"user", new([1000]byte)} }

func addOrders(s *store, n int) {
	for i := 0; i < n; i++ {
		s.orders = append(s.orders, new(order))
	}
}

func addCached(s *store, n int) {
	for i := 0; i < n; i++ {
		s.cache = append(s.cache, &cached{new([500]byte)})
	}
}

func start(n int, f func(ready func())) {
	var ready sync.WaitGroup
	ready.Add(n)
	for i := 0; i < n; i++ {
		go f(ready.Done)
	}
	ready.Wait()
}

// Nobody else has the channel.
func abandon(ready func()) {
	results := make(chan int)
	ready()
	results <- 1
}

func work(ready func()) {
	ready()
	for range tasks {
	}
}
