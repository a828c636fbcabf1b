package main

// Contexts that nobody cancels. What is the context of a whole server lives as long as the server, and with it whatever waits for it.

import (
	"context"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("cancel_thrown_away", cancelThrownAway)
	truth.Program("cancel_on_one_path_only", cancelOnOnePathOnly)
	truth.Program("timeout_not_passed_on", timeoutNotPassedOn)
	truth.Program("done_of_background", doneOfBackground)
	truth.Program("grandchild_not_cancelled", grandchildNotCancelled)
	truth.Program("cancel_inside_the_waiter", cancelInsideTheWaiter)
	truth.Program("timeout_of_the_wrong_wait", timeoutOfTheWrongWait)
	truth.Program("child_of_server_context", childOfServerContext)
	truth.Program("child_of_context_without_cancel", childOfContextWithoutCancel)
	truth.Program("timeout_child_outlived", timeoutChildOutlived)
	truth.Program("two_contexts_merged", twoContextsMerged)
	truth.Correct("child_of_a_live_request", childOfALiveRequest)
	truth.Correct("child_that_cancels_itself", childThatCancelsItself)
	truth.Correct("child_of_a_session_that_is_replaced", childOfASessionThatIsReplaced)
}

func waitFor(ctx context.Context) {
	for ctx.Err() == nil {
		<-ctx.Done()
	}
}

func cancelThrownAway(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			leakedUnless(fixed, lostCancel)
			waitFor(ctx)
		}()
		if fixed {
			later(cancel)
		}
	}
}

// The good path cancels, the error path returns before.
func cancelOnOnePathOnly(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancel(context.Background())
	updates := make(chan *job)
	go func() {
		leakedUnless(fixed, lostCancel)
		for {
			select {
			case j := <-updates:
				consume(j)
			case <-ctx.Done():
				return
			}
		}
	}()
	updates <- &job{}
	if _, err := work(!fixed); err != nil {
		return
	}
	later(cancel)
}

// The timeout is made of the request's context, and the worker gets the request's.
func timeoutNotPassedOn(fixed bool) {
	truth.Expect(1)
	request, endRequest := context.WithCancel(context.WithValue(context.Background(), key{}, &job{}))
	limited, cancel := context.WithTimeout(request, time.Hour)
	worker := request
	if fixed {
		worker = limited
	}
	go func() {
		leakedUnless(fixed, lostCancel)
		waitFor(worker)
	}()
	if fixed {
		later(func() { cancel(); endRequest() })
	} else {
		cancel()
	}
}

type key struct{}

// The background context cannot be cancelled: its Done is a nil channel.
func doneOfBackground(fixed bool) {
	truth.Expect(2)
	ctx, cancel := context.Background(), func() {}
	if fixed {
		ctx, cancel = context.WithCancel(context.Background())
		later(cancel)
	}
	go func() {
		leakedUnless(fixed, nilChannel)
		<-ctx.Done()
	}()
	results := make(chan *job)
	go func() {
		leakedUnless(fixed, selecting, receive)
		select {
		case <-ctx.Done():
		case j := <-results:
			consume(j)
		}
	}()
}

// The tree of contexts is forgotten from its root.
func grandchildNotCancelled(fixed bool) {
	truth.Expect(3)
	top, cancel := context.WithCancel(context.Background())
	ctx := top
	for depth := 0; depth < 3; depth++ {
		child, cancelChild := context.WithCancel(context.WithValue(ctx, key{}, &job{id: depth}))
		go func() {
			leakedUnless(fixed, lostCancel)
			defer cancelChild()
			waitFor(child)
		}()
		ctx = child
	}
	if fixed {
		later(cancel)
	}
}

// The only one who would cancel is behind the wait.
func cancelInsideTheWaiter(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		leakedUnless(fixed, lostCancel)
		defer cancel()
		waitFor(ctx)
	}()
	if fixed {
		later(cancel)
	}
}

// The context has expired long ago. The wait that matters does not look at it.
func timeoutOfTheWrongWait(fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
	<-ctx.Done()
	cancel()
	answer := make(chan *job)
	go func() {
		leakedUnless(fixed, receive)
		if ctx.Err() != nil {
			consume(<-answer)
		}
	}()
	if fixed {
		later(func() { answer <- &job{} })
	}
}

var (
	serverContext, shutDown = context.WithCancel(context.Background())
	pluginContext, _        = context.WithCancel(context.WithValue(context.Background(), key{}, &job{}))
)

// Held by: serverContext (global) -> its children -> the child -> its done channel. Its own cancel function is gone, the
// server's is kept until the end of the process. Holder rule: context's children. In the twin the handler that lives has the
// child's cancel function.
func childOfServerContext(fixed bool) {
	const requests = 4
	truth.Expect(requests)
	for i := 0; i < requests; i++ {
		ctx, cancel := context.WithCancel(serverContext)
		go func() {
			likelyUnless(fixed, truth.ContextChildren, lostCancel)
			waitFor(ctx)
		}()
		if fixed {
			later(cancel)
		}
	}
	truth.OnWake(shutDown)
}

// Held by: pluginContext (global) -> its children -> the child. No cancel function of either is left in the program, so that nobody
// could wake it though everything is reachable. Holder rule: context's children.
func childOfContextWithoutCancel(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		ctx, cancel := context.WithCancel(context.WithValue(pluginContext, key{}, &job{id: i}))
		inputs := make(chan *job)
		go func() {
			likelyUnless(fixed, truth.ContextChildren, lostCancel)
			select {
			case <-ctx.Done():
			case j := <-inputs:
				consume(j)
			}
		}()
		if fixed {
			later(cancel)
		}
	}
}

var batchContext, endBatch = context.WithTimeout(context.Background(), 1000*time.Hour)

// Held by: the pending timer of batchContext -> batchContext -> its children. It will wake in six weeks, long after anybody cares.
func timeoutChildOutlived(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		ctx, cancel := context.WithCancel(batchContext)
		go func() {
			growingUnless(fixed, "a timer of its parent is pending, though for weeks", lostCancel)
			waitFor(ctx)
		}()
		if fixed {
			later(cancel)
		}
	}
	truth.OnWake(endBatch)
}

// A goroutine for each request carries the end of either context over into a merged one.
// Held by: serverContext (global) itself. It waits for the server's end as a service of the server would; that there are many, of
// one site, with a merged context that nobody waits for, tells. The request's own context is garbage.
func twoContextsMerged(fixed bool) {
	const requests = 3
	truth.Expect(requests)
	for i := 0; i < requests; i++ {
		request, endRequest := context.WithCancel(context.Background())
		merged, cancel := context.WithCancel(request)
		go func() {
			growingUnless(fixed, "it waits for the end of the server, as a service of the server would", lostCancel)
			select {
			case <-serverContext.Done():
				cancel()
			case <-merged.Done():
			}
		}()
		if fixed {
			later(func() { endRequest(); cancel() })
		}
	}
	truth.OnWake(shutDown)
}

// The test against the rule of context's children: the child's own cancel function is lost, but the parent is a request's, and who
// serves the request lives and will cancel it.
func childOfALiveRequest() {
	truth.Expect(3)
	request, endRequest := context.WithCancel(serverContext)
	for i := 0; i < 3; i++ {
		ctx, _ := context.WithCancel(request)
		go func() {
			truth.Wakes()
			waitFor(ctx)
		}()
	}
	later(endRequest)
}

// Each has its own cancel function, for when it is done: it waits for the server's end, as it was meant to.
func childThatCancelsItself() {
	truth.Expect(4)
	for i := 0; i < 2; i++ {
		go func() {
			ctx, cancel := context.WithCancel(serverContext)
			defer cancel()
			truth.Wakes()
			waitFor(ctx)
		}()
		ctx, cancel := context.WithCancel(serverContext)
		go func() {
			defer cancel()
			truth.Wakes()
			select {
			case <-ctx.Done():
			}
		}()
	}
	truth.OnWake(shutDown)
}

type uplinkSession struct {
	ctx    context.Context
	cancel context.CancelFunc
}

type link struct{ current *uplinkSession }

var uplink = &link{}

// The session's own cancel function lies beside its context: whoever connects anew calls it.
func childOfASessionThatIsReplaced() {
	truth.Expect(2)
	s := &uplinkSession{}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	uplink.current = s
	for i := 0; i < 2; i++ {
		ctx, _ := context.WithCancel(s.ctx)
		go func() {
			truth.Wakes()
			waitFor(ctx)
		}()
	}
	truth.OnWake(func() { uplink.current.cancel() })
}
