//go:build go1.21

package main

// What contexts can do since Go 1.20 and 1.21: causes, functions called after the end, children that outlive their parent.

import (
	"context"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("cancel_cause_thrown_away", cancelCauseThrownAway)
	truth.Program("without_cancel", withoutCancel)
	truth.Program("after_func_stopped", afterFuncStopped)
	truth.Program("after_func_of_lost_context", afterFuncOfLostContext)
	truth.Program("after_func_of_server_context", afterFuncOfServerContext)
}

func cancelCauseThrownAway(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		leakedUnless(fixed, lostCancel)
		waitFor(ctx)
	}()
	if fixed {
		later(func() { cancel(errBroken) })
	}
}

// The values of the request are wanted and its end is not. Then the end of nothing is waited for.
func withoutCancel(fixed bool) {
	truth.Expect(1)
	request, cancel := context.WithCancel(context.Background())
	detached := context.WithoutCancel(request)
	if fixed {
		detached = request
	}
	go func() {
		leakedUnless(fixed, nilChannel)
		<-detached.Done()
	}()
	if fixed {
		later(cancel)
	} else {
		cancel()
	}
}

// The function that would close the channel was called off before the context ended.
func afterFuncStopped(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() { close(ended) })
	go func() {
		leakedUnless(fixed, receive)
		<-ended
	}()
	if fixed {
		later(cancel)
	} else {
		stop()
		cancel()
	}
}

func afterFuncOfLostContext(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	context.AfterFunc(ctx, func() { close(ended) })
	go func() {
		leakedUnless(fixed, receive)
		<-ended
	}()
	if fixed {
		later(cancel)
	}
}

// Held by: serverContext (global) -> its children -> the context of AfterFunc -> the function -> the channel.
// Holder rule: context's children. In the twin the request ends by itself and calls it off, after having closed.
func afterFuncOfServerContext(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		request, endRequest := context.WithCancel(serverContext)
		ended := make(chan struct{})
		context.AfterFunc(request, func() { close(ended) })
		go func() {
			likelyUnless(fixed, truth.ContextChildren, receive)
			<-ended
		}()
		if fixed {
			later(endRequest)
		}
	}
}
