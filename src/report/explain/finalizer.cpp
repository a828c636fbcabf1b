// Finalizers and cleanups that are due and do not run.
// The text of `goshawk explain finalizer`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kFinalizerExplanation = {
    .rule = "heap/finalizer",
    .why =
        "One goroutine runs all finalizers, one after the other (cleanups run on a few). One "
        "that blocks keeps all others from running: what they would have closed or freed "
        "stays, and so does what their objects refer to.",
    .wrong = R"go(package main

import "runtime"

type conn struct{ closed chan bool }

func open() *conn {
	c := &conn{closed: make(chan bool)}
	runtime.SetFinalizer(c, func(c *conn) {
		c.closed <- true // nobody receives: no other finalizer runs any more
	})
	return c
}

func main() {
	for i := 0; i < 10; i++ {
		open()
		runtime.GC()
	}
}
)go",
    .right = R"go(package main

import "runtime"

type conn struct{ closed chan bool }

func open() *conn {
	c := &conn{closed: make(chan bool, 1)}
	runtime.SetFinalizer(c, func(c *conn) {
		select {
		case c.closed <- true:
		default:
		}
	})
	return c
}

func main() {
	for i := 0; i < 10; i++ {
		open()
		runtime.GC()
	}
}
)go",
    .mend =
        "A finalizer must not wait. What may take long belongs into a goroutine that it "
        "starts; what can be closed by hand should be.",
    .releases = "Every Go release; runtime.AddCleanup since Go 1.24.",
    .certainty =
        "Likely: the goroutine that runs finalizers waits inside of a function of the program for "
        "a minute, and others are due behind it. Suspected: it waits for less, which slow ones do "
        "as well; all goroutines that run cleanups wait, but the runtime may start one more; or "
        "very many are due, which may be a collection that has just ended.",
};

}  // namespace goshawk::report
