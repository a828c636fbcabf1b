package main

// Contexts that nobody cancels, groups that nobody ends.

import (
	"context"
	"reflect"
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("lost_cancel", lostCancel)
	truth.Program("lost_cancel_handed_over", lostCancelHandedOver)
	truth.Program("lost_context", lostContext)
	truth.Program("lost_cancel_of_child", lostCancelOfChild)
	truth.Program("context_value_chain", contextValueChain)
	truth.Program("channel_among_arguments", channelAmongArguments)
	truth.Program("error_group", errorGroup)
	truth.Correct("context_timeout_pending", contextTimeoutPending)
	truth.Correct("child_of_live_context", childOfLiveContext)
}

const lostCancelRule = "goroutine/lost-cancel"

func lostCancel(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			leakedUnless(fixed, lostCancelRule)
			for ctx.Err() == nil {
				<-ctx.Done()
			}
		}()
		if fixed {
			truth.OnWake(cancel)
		}
	}
}

// Who made the context, and who started the goroutine, have returned.
func lostCancelHandedOver(fixed bool) {
	truth.Expect(2)
	server, stop := context.WithCancel(context.Background())
	for i := 0; i < 2; i++ {
		handleRequest(server, fixed)
	}
	if fixed {
		truth.OnWake(stop)
	}
}

//go:noinline
func handleRequest(server context.Context, fixed bool) {
	ctx, cancel := context.WithCancel(context.WithValue(server, contextKey{}, 1))
	beginWatching(ctx, fixed)
	_ = cancel
}

//go:noinline
func beginWatching(ctx context.Context, fixed bool) { watchUntilDone(ctx, fixed) }

//go:noinline
func watchUntilDone(ctx context.Context, fixed bool) {
	go func() {
		leakedUnless(fixed, lostCancelRule)
		for ctx.Err() == nil {
			<-ctx.Done()
		}
	}()
}

// Once it has the channel, this goroutine needs the context no more: a collection takes it away, and what is left is a channel.
func lostContext(fixed bool) {
	truth.Expect(1)
	truth.CollectFirst()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		leakedUnless(fixed, lostCancelRule, receive)
		<-ctx.Done()
	}()
	if fixed {
		truth.OnWake(cancel)
	}
}

// No contexts: in the arguments of a call by reflection a channel and its type lie where a context has its Done channel.
func channelAmongArguments(fixed bool) {
	truth.Expect(2)
	data, quit := make(chan *holder), make(chan struct{})
	go waitAmongArguments(fixed, []reflect.Value{reflect.ValueOf(fixed), reflect.ValueOf(data)}, func() { <-data })
	go waitAmongArguments(fixed, []reflect.Value{reflect.ValueOf(fixed), reflect.ValueOf(quit)}, func() { <-quit })
	if fixed {
		truth.OnWake(func() { close(data); close(quit) })
	}
}

func waitAmongArguments(fixed bool, arguments []reflect.Value, wait func()) {
	leakedUnless(fixed, receive)
	wait()
	usedArguments <- arguments // so that they lie in the heap
}

var usedArguments = make(chan []reflect.Value, 2)

// A child of a context that is itself forgotten, waited for in a select.
func lostCancelOfChild(fixed bool) {
	truth.Expect(1)
	parent, cancelParent := context.WithCancel(context.Background())
	child, cancel := context.WithCancel(parent)
	results := make(chan *holder)
	go func() {
		leakedUnless(fixed, lostCancelRule)
		defer cancel()
		select {
		case <-child.Done():
		case results <- &holder{}:
		}
	}()
	if fixed {
		truth.OnWake(cancelParent)
	}
}

type contextKey struct{}

func contextValueChain(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancel(context.Background())
	for i := 0; i < 10; i++ {
		ctx = context.WithValue(ctx, contextKey{}, &holder{})
	}
	ctx, cancelInner := context.WithCancel(ctx)
	go func() {
		leakedUnless(fixed, lostCancelRule)
		defer cancelInner()
		<-ctx.Done()
	}()
	if fixed {
		truth.OnWake(cancel)
	}
}

// The deadline's timer will cancel.
func contextTimeoutPending() {
	truth.Expect(2)
	timeout, _ := context.WithTimeout(context.Background(), time.Hour)
	deadline, _ := context.WithDeadline(context.WithValue(context.Background(), contextKey{}, 1), time.Now().Add(2*time.Hour))
	for _, ctx := range []context.Context{timeout, deadline} {
		go func(ctx context.Context) {
			truth.Alive()
			<-ctx.Done()
		}(ctx)
	}
}

// Who cancels the parent wakes the child, though the child's own cancel function is lost: the parent's children map does it.
func childOfLiveContext() {
	truth.Expect(1)
	parent, cancelParent := context.WithCancel(context.Background())
	child, _ := context.WithCancel(parent)
	go func() {
		truth.Wakes()
		<-child.Done()
	}()
	truth.OnWake(cancelParent)
}

// As golang.org/x/sync/errgroup: one task fails, and the one that feeds the others is never told.
func errorGroup(fixed bool) {
	truth.Expect(2)
	g := &group{}
	jobs := make(chan *holder)
	failed, fail := context.WithCancel(context.Background())
	g.Go(func() {
		leakedUnless(fixed, send, selecting, abandoned)
		for {
			if !fixed {
				jobs <- &holder{}
				continue
			}
			select {
			case jobs <- &holder{}:
			case <-failed.Done():
				return
			}
		}
	})
	g.Go(func() {
		<-jobs
		if !fixed {
			fail()
		}
	})
	go func() {
		leakedUnless(fixed, waitgroup)
		g.wg.Wait()
	}()
	if fixed {
		truth.OnWake(fail)
	}
}

type group struct {
	wg   sync.WaitGroup
	self *group
}

func (g *group) Go(task func()) {
	g.wg.Add(1)
	go func() {
		defer g.wg.Done()
		task()
	}()
}
