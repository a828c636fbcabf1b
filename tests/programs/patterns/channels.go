package main

// Channel operations that nobody will complete.

import (
	"runtime"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("blocked_receive", blockedReceive)
	truth.Program("blocked_send", blockedSend)
	truth.Program("blocked_select", blockedSelect)
	truth.Program("abandoned_result", abandonedResult)
	truth.Program("forgotten_worker", forgottenWorker)
	truth.Program("double_send", doubleSend)
	truth.Program("pipeline_early_exit", pipelineEarlyExit)
	truth.Program("nil_channel", nilChannel)
	truth.Program("empty_select", emptySelect)
}

const (
	receive   = "goroutine/blocked-receive"
	send      = "goroutine/blocked-send"
	selecting = "goroutine/blocked-select"
	abandoned = "goroutine/abandoned-result"
	nilChan   = "goroutine/nil-channel"
)

// leakedUnless declares the caller: it wakes in the correct twin, and is leaked in the other.
func leakedUnless(fixed bool, rules ...string) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Leaked(rules...)
	}
}

func blockedReceive(fixed bool) {
	truth.Expect(3)
	for i := 0; i < 3; i++ {
		ch := make(chan int)
		go func() {
			leakedUnless(fixed, receive)
			<-ch
		}()
		if fixed {
			go func() {
				<-truth.Wake
				ch <- 1
			}()
		}
	}
}

func blockedSend(fixed bool) {
	truth.Expect(2)
	for _, buffered := range []int{0, 3} {
		ch := make(chan *holder, buffered)
		go func(buffered int) {
			leakedUnless(fixed, send, abandoned)
			for i := 0; i <= buffered; i++ {
				ch <- &holder{}
			}
		}(buffered)
		if fixed {
			truth.OnWake(func() { <-ch })
		}
	}
}

func blockedSelect(fixed bool) {
	truth.Expect(2)
	in, out, quit := make(chan int), make(chan *holder), make(chan struct{})
	go func() {
		leakedUnless(fixed, selecting)
		select {
		case <-in:
		case out <- &holder{}:
		case <-quit:
		}
	}()
	var never chan int // a nil case besides a real one
	only := make(chan int)
	go func() {
		leakedUnless(fixed, selecting, receive)
		select {
		case <-never:
		case <-only:
		}
	}()
	if fixed {
		truth.OnWake(func() { close(quit) })
		truth.OnWake(func() { only <- 1 })
	}
}

// The handler that gives up waiting: its worker sends into a channel that nobody reads any more.
func abandonedResult(fixed bool) {
	const requests = 5
	truth.Expect(requests)
	for i := 0; i < requests; i++ {
		handle(fixed)
	}
}

func handle(fixed bool) {
	result, timeout := make(chan *holder), make(chan struct{})
	go func() {
		leakedUnless(fixed, abandoned)
		result <- slowQuery()
	}()
	close(timeout)
	select {
	case <-timeout:
	default:
		<-result
	}
	if fixed {
		truth.OnWake(func() { <-result })
	}
}

//go:noinline
func slowQuery() *holder {
	runtime.Gosched()
	return &holder{}
}

// Workers that range over a channel which is never closed.
func forgottenWorker(fixed bool) {
	const workers = 4
	truth.Expect(workers)
	jobs := make(chan *holder, 2)
	for i := 0; i < workers; i++ {
		go worker(jobs, fixed)
	}
	for i := 0; i < 10; i++ {
		jobs <- &holder{}
	}
	if fixed {
		truth.OnWake(func() { close(jobs) })
	}
}

func worker(jobs <-chan *holder, fixed bool) {
	leakedUnless(fixed, receive)
	for job := range jobs {
		keep(job)
	}
}

// An error path that sends once more than the one receiver takes.
func doubleSend(fixed bool) {
	truth.Expect(1)
	errs := make(chan error)
	go func() {
		leakedUnless(fixed, send, abandoned)
		errs <- nil
		errs <- nil
	}()
	<-errs
	if fixed {
		truth.OnWake(func() { <-errs })
	}
}

// A consumer that takes one value and leaves: every stage before it stays.
func pipelineEarlyExit(fixed bool) {
	truth.Expect(3)
	done := make(chan struct{})
	numbers := stage(nil, done, fixed)
	squares := stage(numbers, done, fixed)
	sums := stage(squares, done, fixed)
	<-sums
	if fixed {
		truth.OnWake(func() { close(done) })
	}
}

func stage(in <-chan int, done chan struct{}, fixed bool) <-chan int {
	out := make(chan int)
	go func() {
		leakedUnless(fixed, send, receive, selecting, abandoned)
		defer close(out)
		for i := 0; ; i++ {
			if in != nil {
				if _, more := <-in; !more {
					return
				}
			}
			if !fixed {
				out <- i
				continue
			}
			select {
			case out <- i:
			case <-done:
				return
			}
		}
	}()
	return out
}

// What waits on a nil channel waits for ever, whoever knows of the channel variable. A correct twin has a channel.
func nilChannel(fixed bool) {
	truth.Expect(3)
	var ch chan int
	if fixed {
		ch = make(chan int)
		truth.OnWake(func() { ch <- 1; <-ch; close(ch) })
	}
	go func() {
		leakedUnless(fixed, nilChan)
		<-ch
	}()
	go func() {
		if fixed {
			<-truth.Wake
			return
		}
		truth.Leaked(nilChan)
		ch <- 1
	}()
	go func() {
		if fixed {
			return
		}
		truth.Leaked(nilChan)
		var other chan *holder
		select {
		case <-ch:
		case other <- nil:
		}
	}()
	if fixed {
		truth.Expect(-2)
	}
}

func emptySelect(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, "goroutine/empty-select")
			if fixed {
				<-truth.Wake
				return
			}
			select {}
		}()
	}
}
