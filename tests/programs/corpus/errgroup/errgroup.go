// Package errgroup does what the package of that name in golang.org/x/sync promises, so that the corpus has its shapes on the stacks
// and in the heap without depending on anything: a group of goroutines, the first error, a context that ends with it, a limit.
package errgroup

import (
	"context"
	"sync"
)

type Group struct {
	cancel  func()
	running sync.WaitGroup
	places  chan struct{}
	once    sync.Once
	err     error
}

// WithContext returns a group whose context is cancelled by its first error, and when Wait returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	return &Group{cancel: cancel}, ctx
}

// SetLimit makes Go wait while n goroutines run. It must be called first.
func (g *Group) SetLimit(n int) { g.places = make(chan struct{}, n) }

func (g *Group) Go(f func() error) {
	if g.places != nil {
		g.places <- struct{}{}
	}
	g.running.Add(1)
	go func() {
		defer g.done()
		if err := f(); err != nil {
			g.once.Do(func() {
				g.err = err
				g.end()
			})
		}
	}()
}

func (g *Group) done() {
	if g.places != nil {
		<-g.places
	}
	g.running.Done()
}

func (g *Group) Wait() error {
	g.running.Wait()
	g.end()
	return g.err
}

func (g *Group) end() {
	if g.cancel != nil {
		g.cancel()
	}
}
