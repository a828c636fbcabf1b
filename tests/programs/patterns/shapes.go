package main

// The same leak behind every shape of call that a stack can show.

import (
	"context"
	"reflect"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("shapes_of_calls", shapesOfCalls)
	truth.Program("deferred_and_panicking", deferredAndPanicking)
	truth.Program("pprof_labels", pprofLabels)
	truth.Program("deep_stack", deepStack)
	truth.Program("big_frames", bigFrames)
}

type shape struct {
	fixed bool
	ch    chan *holder
}

type waiting interface{ wait() }

func (s shape) wait()             { s.declare(); <-s.ch }
func (s *shape) waitByPointer()   { s.declare(); <-s.ch }
func (s shape) declare()          { leakedUnless(s.fixed, receive) }
func (s shape) inlined()          { s.twiceInlined() }
func (s shape) twiceInlined()     { receiveFrom(s.ch) }
func receiveFrom(ch chan *holder) { <-ch }

type embedding struct{ *shape }

type generic[T any] struct{ value T }

func (g *generic[T]) wait(s shape) T { s.wait(); return g.value }

//go:noinline
func waitGeneric[K comparable, V any](s shape, m map[K]V) int { s.wait(); return len(m) }

func shapesOfCalls(fixed bool) {
	calls := []func(s shape){
		func(s shape) { go s.wait() },
		func(s shape) { go s.waitByPointer() },
		func(s shape) { f := s.wait; go f() },
		func(s shape) { go shape.wait(s) },
		func(s shape) { var w waiting = s; go w.wait() },
		func(s shape) { var w waiting = &s; go w.wait() },
		func(s shape) { go embedding{&s}.waitByPointer() },
		func(s shape) { go func() { s.declare(); s.inlined() }() },
		func(s shape) { go func() { func() { func() { s.declare(); <-s.ch }() }() }() },
		func(s shape) { go reflect.ValueOf(s).MethodByName("Exported").Call(nil) },
		func(s shape) { go reflect.ValueOf(s.wait).Call(nil) },
		func(s shape) { go reflectedFunc(s)() },
		func(s shape) { go (&generic[string]{}).wait(s) },
		func(s shape) { go (&generic[[3]int]{}).wait(s) },
		func(s shape) { go waitGeneric(s, map[string]int{}) },
		func(s shape) { go waitGeneric(s, map[*holder]func(){}) },
		func(s shape) { go manyArguments(1, "two", 3.0, []int{4}, nil, s, [5]int{}, 7) },
		func(s shape) { go variadic(s, 1, 2, 3) },
		func(s shape) { go sort.Slice([]int{2, 1}, func(i, j int) bool { s.wait(); return i < j }) },
		func(s shape) { go strings.Map(func(r rune) rune { s.wait(); return r }, "x") },
		func(s shape) { go new(sync.Once).Do(s.wait) },
	}
	truth.Expect(len(calls))
	for _, call := range calls {
		s := shape{fixed, make(chan *holder)}
		call(s)
		if fixed {
			truth.OnWake(func() { close(s.ch) })
		}
	}
}

func (s shape) Exported() { s.wait() }

func reflectedFunc(s shape) func() {
	made := reflect.MakeFunc(reflect.TypeOf(func() {}), func([]reflect.Value) []reflect.Value { s.wait(); return nil })
	return made.Interface().(func())
}

//go:noinline
func manyArguments(a int, b string, c float64, d []int, e error, s shape, f [5]int, g int32) (int, string, error) {
	s.wait()
	return a + len(d) + f[0] + int(g) + int(c), b, e
}

func variadic(s shape, numbers ...int) int {
	s.wait()
	return len(numbers)
}

// Blocked in a deferred function, in one that runs because of a panic, after a recovered panic, in nested panics.
func deferredAndPanicking(fixed bool) {
	bodies := []func(s shape){
		func(s shape) { defer s.wait() },
		func(s shape) {
			defer func() { recover() }()
			defer s.wait()
			panic("first")
		},
		func(s shape) {
			func() {
				defer func() { recover() }()
				panic(&holder{})
			}()
			s.wait()
		},
		func(s shape) {
			defer func() { recover() }()
			defer func() {
				defer s.wait()
				panic("second")
			}()
			panic("first")
		},
		func(s shape) {
			defer func() { recover() }()
			defer s.wait()
			var none *holder
			none.next = none // a fault becomes a panic in a signal handler
		},
		func(s shape) {
			for i := 0; i < 2; i++ {
				defer func(i int) {
					if i == 1 {
						s.wait()
					}
				}(i)
			}
		},
	}
	truth.Expect(len(bodies))
	for _, body := range bodies {
		s := shape{fixed, make(chan *holder)}
		go body(s)
		if fixed {
			truth.OnWake(func() { close(s.ch) })
		}
	}
}

func pprofLabels(fixed bool) {
	truth.Expect(3)
	for _, labels := range [][]string{
		{"handler", "/checkout"},
		{"handler", "/cart", "tenant", "acme", "zone", "eu\nwest \"1\""},
		{},
	} {
		s := shape{fixed, make(chan *holder)}
		go pprof.Do(context.Background(), pprof.Labels(labels...), func(context.Context) { s.wait() })
		if fixed {
			truth.OnWake(func() { close(s.ch) })
		}
	}
}

func deepStack(fixed bool) {
	truth.Expect(2)
	for _, depth := range []int{90, 2000} {
		s := shape{fixed, make(chan *holder)}
		go descend(depth, s)
		if fixed {
			truth.OnWake(func() { close(s.ch) })
		}
	}
}

//go:noinline
func descend(depth int, s shape) int {
	if depth == 0 {
		s.wait()
		return 0
	}
	return descend(depth-1, s) + 1
}

// Frames of many kilobytes, some with pointers: the stack has grown and has been copied.
func bigFrames(fixed bool) {
	truth.Expect(2)
	inner, outer := make(chan *holder), make(chan *holder)
	go fillFrame(shape{fixed, outer}, inner)
	go func() {
		leakedUnless(fixed, receive)
		<-inner // which only the first one's frame knows
	}()
	if fixed {
		truth.OnWake(func() { close(outer) })
	}
}

//go:noinline
func fillFrame(s shape, inner chan *holder) {
	var frame [2000]struct {
		number uintptr
		ch     chan *holder
	}
	frame[1234].ch = inner
	s.wait()
	for i := range frame {
		if frame[i].ch != nil {
			close(frame[i].ch)
		}
	}
}
