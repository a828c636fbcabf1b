package main

// Timers that were stopped, have fired, or were read once too often; tickers whose loops have no end.

import (
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("stopped_ticker_is_not_closed", stoppedTickerIsNotClosed)
	truth.Program("timer_drained_twice", timerDrainedTwice)
	truth.Program("reset_of_a_stopped_timer", resetOfAStoppedTimer)
	truth.Program("deadline_called_off", deadlineCalledOff)
	truth.Program("fired_before_anybody_listened", firedBeforeAnybodyListened)
	truth.LatestIsHeld("fired_before_anybody_listened")
	truth.Program("global_timer_read_twice", globalTimerReadTwice)
	truth.LatestIsHeld("global_timer_read_twice")
	truth.Program("global_ticker_stopped", globalTickerStopped)
	truth.LatestIsHeld("global_ticker_stopped")
	truth.Program("ticker_loop_without_exit", tickerLoopWithoutExit)
	truth.Program("after_in_loop", afterInLoop)
	truth.Program("sleep_loop_without_exit", sleepLoopWithoutExit)
}

const long = time.Hour

// Stop ends the ticking, not the loop over the ticks.
func stoppedTickerIsNotClosed(fixed bool) {
	truth.Expect(1)
	ticker, quit := time.NewTicker(long), make(chan struct{})
	looping := make(chan struct{})
	go func() {
		leakedUnless(fixed, receive)
		close(looping)
		if !fixed {
			for range ticker.C {
			}
		}
		<-quit
	}()
	<-looping
	ticker.Stop()
	if fixed {
		later(func() { close(quit) })
	}
}

// A timer has one value. It was taken, and Stop says that it came too late: that is not to be drained.
func timerDrainedTwice(fixed bool) {
	truth.Expect(1)
	go func() {
		leakedUnless(fixed, receive)
		timer := time.NewTimer(time.Nanosecond)
		<-timer.C
		if fixed {
			<-truth.Wake
			return
		}
		if !timer.Stop() {
			<-timer.C
		}
	}()
}

// Stopped, with the Reset on a path that was not taken.
func resetOfAStoppedTimer(fixed bool) {
	truth.Expect(1)
	timer, work := time.NewTimer(long), make(chan *job)
	timer.Stop()
	go func() {
		leakedUnless(fixed, selecting)
		select {
		case <-timer.C:
		case j := <-work:
			consume(j)
		}
	}()
	if fixed {
		later(func() { timer.Reset(time.Nanosecond) })
	}
}

// The timer that would have told the waiter was called off with the request.
func deadlineCalledOff(fixed bool) {
	truth.Expect(1)
	expired := make(chan struct{})
	timer := time.AfterFunc(long, func() { close(expired) })
	go func() {
		leakedUnless(fixed, receive)
		<-expired
	}()
	timer.Stop()
	if fixed {
		later(func() { timer.Reset(time.Nanosecond) })
	}
}

type reminder struct {
	timer *time.Timer
	rings chan *job
}

var (
	reminders     = map[int]*reminder{}
	keptReminders = map[int]*reminder{}
)

// The timer's function waits for nobody and has been called before anybody listened.
// Held by: reminders (global) -> the reminder and its timer -> the function -> the channel. Holder rule: timer already fired.
// In the twin the timer is started again by who lives.
func firedBeforeAnybodyListened(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		r, fired := &reminder{rings: make(chan *job)}, make(chan struct{})
		if fixed {
			r.rings = make(chan *job, 1)
		}
		var once sync.Once
		r.timer = time.AfterFunc(time.Nanosecond, func() {
			select {
			case r.rings <- &job{}:
			default:
			}
			once.Do(func() { close(fired) })
		})
		<-fired
		if fixed {
			<-r.rings
			keptReminders[i] = r
			later(func() { r.timer.Reset(time.Nanosecond) })
		} else {
			reminders[i] = r
		}
		go func() {
			likelyUnless(fixed, truth.TimerFired, receive)
			<-r.rings
		}()
	}
}

var grace, graceOfTwins *time.Timer

// A timer for the whole program has one value for all who wait.
// Held by: grace (global) -> its channel. It has fired and nobody sets it again. Holder rule: timer already fired. In the twin it is pending.
func globalTimerReadTwice(fixed bool) {
	truth.Expect(1)
	timer := time.NewTimer(time.Nanosecond)
	<-timer.C
	if fixed {
		graceOfTwins = timer
		timer.Reset(long)
		truth.OnWake(func() { timer.Reset(time.Nanosecond) })
	} else {
		grace = timer
	}
	go func() {
		likelyUnless(fixed, truth.TimerFired, receive)
		<-timer.C
	}()
}

const timerNeverSetAgain truth.Holder = "timer never set again"

var pulse, pulseOfTwins *time.Ticker

// Held by: pulse (global) -> its channel. It was stopped, which does not end the loops over it. Holder rule: timer never set again (the
// program has no code that calls Reset of a ticker). In the twin it ticks.
func globalTickerStopped(fixed bool) {
	truth.Expect(2)
	ticker, quit := time.NewTicker(long), make(chan struct{})
	if fixed {
		pulseOfTwins = ticker
		later(func() { close(quit) })
	} else {
		pulse = ticker
		ticker.Stop()
	}
	for i := 0; i < 2; i++ {
		go func() {
			likelyUnless(fixed, timerNeverSetAgain, receive, selecting)
			for {
				select {
				case <-ticker.C:
				case <-quit:
					return
				}
			}
		}()
	}
}

// Held by: its own pending ticker, which wakes it to look once more, for ever.
func tickerLoopWithoutExit(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		quit := make(chan struct{})
		go func() {
			growingUnless(fixed, "a ticker wakes it again and again: its loop has no exit", runaway)
			ticker := time.NewTicker(long)
			defer ticker.Stop()
			for {
				if !fixed {
					<-ticker.C
					continue
				}
				select {
				case <-ticker.C:
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

// Held by: the timer of its latest time.After. Nobody sends any more; each hour it sees that nothing came.
func afterInLoop(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		messages := make(chan *job)
		go func() {
			growingUnless(fixed, "a timer wakes it again and again: its loop has no exit", runaway)
			for {
				select {
				case _, open := <-messages:
					if !open {
						return
					}
				case <-time.After(long):
				}
			}
		}()
		messages <- &job{}
		if fixed {
			later(func() { close(messages) })
		}
	}
}

// Held by: nothing; it sleeps. Polls for a state that will not come.
func sleepLoopWithoutExit(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		changed := make(chan *job)
		go func() {
			growingUnless(fixed, "it sleeps in a loop that has no exit", runaway)
			if fixed {
				consume(<-changed)
				return
			}
			for state := (&job{}); !consume(state); {
				time.Sleep(long)
			}
		}()
		if fixed {
			later(func() { changed <- &job{} })
		}
	}
}
