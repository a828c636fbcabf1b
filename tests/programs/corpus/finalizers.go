package main

// Objects that would clean up after themselves once nobody has them any more. The goroutine that they are to end has them.

import (
	"runtime"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("finalizer_of_what_it_holds", finalizerOfWhatItHolds)
	truth.Program("finalizers_in_a_cycle", finalizersInACycle)
}

type janitor struct {
	quit  chan struct{}
	swept chan *job
	cache *job
}

//go:noinline
func (j *janitor) run() {
	for {
		select {
		case swept := <-j.swept:
			j.cache = swept
		case <-j.quit:
			return
		}
	}
}

// Held by: the finalizer of the janitor, which its own goroutine has on the stack -> quit. It runs when the goroutine is gone, which goes
// when it has run. Holder rule: finalizer not run. In the twin the finalizer is that of a handle around the janitor, and somebody
// who lives has the handle.
func finalizerOfWhatItHolds(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		j := &janitor{make(chan struct{}), make(chan *job), &job{}}
		if fixed {
			handle := &struct{ *janitor }{j}
			runtime.SetFinalizer(handle, func(h *struct{ *janitor }) { close(h.quit) })
			later(func() {
				runtime.SetFinalizer(handle, nil)
				close(handle.quit)
			})
		} else {
			runtime.SetFinalizer(j, func(j *janitor) { close(j.quit) })
		}
		go func() {
			likelyUnless(fixed, truth.FinalizerNotRun, selecting)
			j.run()
		}()
	}
}

type paired struct {
	other *paired
	done  chan struct{}
}

// Two objects with finalizers that know each other are never finalized.
// Held by: the finalizers' records -> each object by the other -> done. Holder rule: finalizer not run.
func finalizersInACycle(fixed bool) {
	truth.Expect(2)
	a, b := &paired{done: make(chan struct{})}, &paired{done: make(chan struct{})}
	a.other, b.other = b, a
	for _, p := range []*paired{a, b} {
		done := p.done
		runtime.SetFinalizer(p, func(p *paired) { close(p.done) })
		go func() {
			likelyUnless(fixed, truth.FinalizerNotRun, receive)
			<-done
		}()
	}
	if fixed {
		later(func() {
			for _, p := range []*paired{a, b} {
				runtime.SetFinalizer(p, nil)
				close(p.done)
			}
		})
	}
}
