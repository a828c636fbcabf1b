// The corpus: leaks as they are found in real programs, after the patterns that the literature describes (studies of concurrency
// bugs in Go, benchmarks of blocking bugs, the leaks that test harnesses caught in large code bases), each with its correct twin.
// `go run ./corpus receive_after_early_return leaky`.
//
// Every goroutine says what a tool that looks from outside ought to say of it. What "wake" wakes in a correct twin is woken
// as the right program would: by a goroutine that lives, has in its hands what it needs, and waits for a slow part
// of its work (later). A comment beside each leak that something living still reaches says what holds it.
package main

import "goshawk.test/programs/truth"

func main() { truth.Main() }

const (
	receive    = "goroutine/blocked-receive"
	send       = "goroutine/blocked-send"
	selecting  = "goroutine/blocked-select"
	abandoned  = "goroutine/abandoned-result"
	lostCancel = "goroutine/lost-cancel"
	nilChannel = "goroutine/nil-channel"
	mutex      = "goroutine/mutex"
	rwmutex    = "goroutine/rwmutex"
	waitgroup  = "goroutine/waitgroup"
	cond       = "goroutine/cond"
	runaway    = "goroutine/runaway"
	ioWait     = "goroutine/io-wait"
)

// A job has a pointer, so that it never shares a slot of the tiny allocator with a stranger that lives.
type job struct {
	id   int
	next *job
}

func leakedUnless(fixed bool, rules ...string) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Leaked(rules...)
	}
}

func likelyUnless(fixed bool, holder truth.Holder, rules ...string) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Likely(holder, rules...)
	}
}

func growingUnless(fixed bool, why string, rules ...string) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Growing(why, rules...)
	}
}

// foreignUnless is leakedUnless for goroutines that a library starts.
func foreignUnless(fixed bool, count int, function string, rules ...string) {
	claim := truth.Claim{Verdict: "leaked", Rules: rules}
	if fixed {
		claim = truth.Claim{Verdict: "wakes"}
	}
	truth.Foreign(count, function, claim)
}

// later starts a goroutine that does it once "wake" has come.
func later(do func()) {
	go func() {
		<-truth.Wake
		do()
	}()
}
