// Contexts of a whole application, each of which main has in another way, and children of them whose own cancel function was dropped.
package main

import (
	"context"
	"os"
	"os/signal"

	"goshawk.test/programs/truth"
)

const lostCancel = "goroutine/lost-cancel"

type application struct {
	name   string
	ctx    context.Context
	cancel context.CancelFunc
}

func (a *application) close() { a.cancel() }

type key struct{}

func main() {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	whole, cancel := context.WithCancel(context.Background())
	defer cancel()
	named, cancelNamed := context.WithCancel(context.Background())
	named = context.WithValue(named, key{}, "shop")
	defer cancelNamed()
	app := &application{name: "shop"}
	app.ctx, app.cancel = context.WithCancel(context.Background())
	defer app.close()
	truth.Program("children_of_mains_contexts", func(fixed bool) {
		for _, parent := range []context.Context{interrupted, whole, named, app.ctx} {
			serve(parent, fixed)
		}
	})
	sessions := open()
	defer leave(sessions)
	truth.Correct("children_of_mains_sessions", func() {
		for _, session := range sessions {
			child(session)
		}
	})
	truth.Main()
}

// Sessions, which others end; main only has them all.
//
//go:noinline
func open() *[2]context.Context {
	sessions := new([2]context.Context)
	for i := range sessions {
		ctx, end := context.WithCancel(context.Background())
		sessions[i] = ctx
		truth.OnWake(end)
	}
	return sessions
}

//go:noinline
func leave(sessions *[2]context.Context) { <-sessions[0].Done() }

// Held by: what main has -> the children of its context -> the child. Holder rule: context's children.
func serve(parent context.Context, fixed bool) {
	truth.Expect(1)
	ctx, cancel := context.WithCancel(parent)
	go func() {
		if fixed {
			truth.Wakes()
		} else {
			truth.Likely(truth.ContextChildren, lostCancel)
		}
		<-ctx.Done()
	}()
	if fixed {
		go func() {
			<-truth.Wake
			cancel()
		}()
	}
}

func child(parent context.Context) {
	truth.Expect(1)
	ctx, _ := context.WithCancel(parent)
	go func() {
		truth.Wakes()
		<-ctx.Done()
	}()
}
