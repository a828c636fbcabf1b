package main

// One channel, and one side that does not come: sends, receives and selects that nobody completes.

import "goshawk.test/programs/truth"

func init() {
	truth.Program("range_never_closed", rangeNeverClosed)
	truth.Program("send_in_a_loop", sendInALoop)
	truth.Program("select_between_dead_sources", selectBetweenDeadSources)
	truth.Program("quit_channel_dropped", quitChannelDropped)
	truth.Program("each_waits_for_the_other", eachWaitsForTheOther)
	truth.Program("both_send_first", bothSendFirst)
	truth.Program("ring_of_stages", ringOfStages)
	truth.Program("not_closed_after_panic", notClosedAfterPanic)
	truth.Program("signal_before_anybody_listens", signalBeforeAnybodyListens)
	truth.Program("one_send_for_three_waiters", oneSendForThreeWaiters)
	truth.Program("buffer_too_small", bufferTooSmall)
	truth.Program("progress_nobody_watches", progressNobodyWatches)
}

// The producer is done, and does not say so.
func rangeNeverClosed(fixed bool) {
	truth.Expect(1)
	lines := make(chan *job, 3)
	go func() {
		leakedUnless(fixed, receive)
		for line := range lines {
			consume(line)
		}
	}()
	for i := 0; i < 10; i++ {
		lines <- &job{id: i}
	}
	if fixed {
		later(func() { close(lines) })
	}
}

//go:noinline
func consume(j *job) bool { return j != nil && j.id < 0 }

// A generator for ever ready to give one more, whose user has what it wanted.
func sendInALoop(fixed bool) {
	truth.Expect(1)
	ids, stop := make(chan *job), make(chan struct{})
	go func() {
		leakedUnless(fixed, send, abandoned)
		for i := 0; ; i++ {
			if !fixed {
				ids <- &job{id: i}
				continue
			}
			select {
			case ids <- &job{id: i}:
			case <-stop:
				return
			}
		}
	}()
	<-ids
	<-ids
	if fixed {
		later(func() { close(stop) })
	}
}

// Both sources have ended without closing.
func selectBetweenDeadSources(fixed bool) {
	truth.Expect(1)
	left, right := make(chan *job), make(chan *job)
	go func() {
		leakedUnless(fixed, selecting)
		for more := true; more; {
			select {
			case j, open := <-left:
				more = open && !consume(j)
			case j, open := <-right:
				more = open && !consume(j)
			}
		}
	}()
	left <- &job{}
	right <- &job{}
	if fixed {
		later(func() { close(right) })
	}
}

// The quit channel was made, handed to the worker, and kept by nobody else.
func quitChannelDropped(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		out, quit := make(chan *job), make(chan struct{})
		go func() {
			leakedUnless(fixed, selecting)
			for {
				select {
				case out <- &job{}:
				case <-quit:
					return
				}
			}
		}()
		if fixed {
			later(func() { close(quit) })
		}
	}
}

// Each begins by listening.
func eachWaitsForTheOther(fixed bool) {
	truth.Expect(2)
	ping, pong := make(chan *job), make(chan *job)
	go func() {
		leakedUnless(fixed, receive)
		j := <-ping
		pong <- j
	}()
	go func() {
		leakedUnless(fixed, receive)
		j := <-pong
		consume(j)
	}()
	if fixed {
		later(func() { ping <- &job{} })
	}
}

// Each begins by sending.
func bothSendFirst(fixed bool) {
	truth.Expect(2)
	a, b := make(chan *job), make(chan *job)
	exchange := func(mine, theirs chan *job) {
		leakedUnless(fixed, send, abandoned)
		theirs <- &job{}
		<-mine
	}
	go exchange(a, b)
	go exchange(b, a)
	if fixed {
		later(func() {
			<-a
			a <- &job{}
			<-b
		})
	}
}

// Stages in a ring, the last one feeds the first, and nothing has been put in.
func ringOfStages(fixed bool) {
	const stages = 4
	truth.Expect(stages)
	ring := make([]chan *job, stages)
	for i := range ring {
		ring[i] = make(chan *job, 1)
	}
	for i := range ring {
		go func(in, out chan *job) {
			leakedUnless(fixed, receive)
			for j := range in {
				j.id++
				out <- j
				if j.id >= stages {
					close(out)
					return
				}
			}
			close(out)
		}(ring[i], ring[(i+1)%stages])
	}
	if fixed {
		first := ring[0]
		later(func() { first <- &job{} })
	}
}

// The panic is recovered, the line that closes was behind it.
func notClosedAfterPanic(fixed bool) {
	truth.Expect(2)
	done := make(chan struct{})
	parse := func() {
		defer func() { _ = recover() }()
		if fixed {
			defer close(done)
		}
		var nobody *job
		nobody.id = 1
		close(done)
	}
	if fixed {
		later(parse)
	} else {
		go parse()
	}
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, receive)
			<-done
		}()
	}
}

// A signal that waits for nobody is lost when nobody is there yet.
func signalBeforeAnybodyListens(fixed bool) {
	truth.Expect(1)
	changed := make(chan *job)
	if fixed {
		changed = make(chan *job, 1)
	}
	notify := func() {
		select {
		case changed <- &job{}:
		default:
		}
	}
	if fixed {
		later(notify)
	} else {
		notify()
	}
	go func() {
		leakedUnless(fixed, receive)
		<-changed
	}()
}

// One send wakes one; closing would wake all.
func oneSendForThreeWaiters(fixed bool) {
	const waiters = 3
	truth.Expect(waiters - 1)
	ready, first := make(chan *job), make(chan struct{})
	go func() {
		<-ready
		close(first)
	}()
	ready <- &job{}
	<-first
	for i := 1; i < waiters; i++ {
		go func() {
			leakedUnless(fixed, receive)
			<-ready
		}()
	}
	if fixed {
		later(func() { close(ready) })
	}
}

// A goroutine for each item, a buffer for some of them, and a caller that has left.
func bufferTooSmall(fixed bool) {
	const items, room = 6, 4
	truth.Expect(items - room)
	results := make(chan *job, room)
	for i := 0; i < room; i++ {
		results <- &job{}
	}
	for i := room; i < items; i++ {
		go func() {
			leakedUnless(fixed, send)
			results <- &job{}
		}()
	}
	if fixed {
		later(func() {
			for i := 0; i < items; i++ {
				<-results
			}
		})
	}
}

// The bar that showed the progress has been closed; the work goes on to the next report.
func progressNobodyWatches(fixed bool) {
	truth.Expect(1)
	progress := make(chan int, 2)
	shown := make(chan struct{})
	go func() {
		<-progress
		close(shown)
	}()
	go func() {
		progress <- 0
		<-shown
		leakedUnless(fixed, send, abandoned)
		for percent := 1; percent <= 100; percent++ {
			progress <- percent
		}
	}()
	<-shown
	if fixed {
		later(func() {
			for percent := 1; percent <= 100; percent++ {
				<-progress
			}
		})
	}
}
