package main

// Pending timers wake; stopped ones do not, even while the runtime still has them in its heap.

import (
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("stopped_timer", stoppedTimer)
	truth.Program("stopped_after_func", stoppedAfterFunc)
	truth.Program("after_in_select", afterInSelect)
	truth.Correct("tickers", tickers)
	truth.Correct("sleepers", sleepers)
}

const long = time.Hour

func stoppedTimer(fixed bool) {
	truth.Expect(4)
	timers := []*time.Timer{}
	for i := 0; i < 4; i++ {
		timers = append(timers, time.NewTimer(long+time.Duration(i)*time.Second))
	}
	for i, timer := range timers {
		if !fixed && i%2 == 0 { // stopped before anybody waits
			timer.Stop()
		}
		parked := make(chan bool, 1)
		go func(timer *time.Timer) {
			if fixed {
				truth.Alive()
			} else {
				truth.Leaked(receive)
			}
			parked <- true
			<-timer.C
		}(timer)
		<-parked
		if !fixed && i%2 == 1 { // and while somebody (most likely) does
			time.Sleep(2 * time.Millisecond)
			timer.Stop()
		}
	}
}

// Among so many that will fire that the runtime does not tidy its heap up for two.
func stoppedAfterFunc(fixed bool) {
	truth.Expect(2)
	for i := 1; i < 100; i++ {
		time.AfterFunc(long/100*time.Duration(i), func() {})
	}
	for i := 0; i < 2; i++ {
		ch := make(chan *holder)
		timer := time.AfterFunc(long, func() { close(ch) })
		if !fixed {
			timer.Stop()
		}
		go func() {
			if fixed {
				truth.Alive()
			} else {
				truth.Leaked(receive)
			}
			<-ch
		}()
	}
}

// The timer beside the channel will wake the select. The leak is the one that forgot the timer.
func afterInSelect(fixed bool) {
	truth.Expect(2)
	ch := make(chan *holder)
	go func() {
		truth.Alive()
		for {
			select {
			case <-ch:
			case <-time.After(long):
			}
		}
	}()
	quit := make(chan *holder)
	go func() {
		leakedUnless(fixed, selecting)
		other := make(chan *holder)
		select {
		case <-quit:
		case <-other:
		}
	}()
	if fixed {
		truth.OnWake(func() { close(quit) })
	}
}

// Nobody but the waiting goroutine has these, and they tick all the same.
func tickers() {
	truth.Expect(4)
	go func() {
		truth.Alive()
		for range time.NewTicker(long).C {
		}
	}()
	go func() {
		truth.Alive()
		for range time.Tick(long) {
		}
	}()
	go func() {
		truth.Alive()
		timer := time.NewTimer(long)
		timer.Reset(2 * long)
		<-timer.C
	}()
	go func() {
		truth.Alive()
		ticker, quit := time.NewTicker(long), make(chan *holder)
		defer ticker.Stop()
		select {
		case <-ticker.C:
		case <-quit:
		}
	}()
}

func sleepers() {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		ch := make(chan *holder)
		go func() {
			truth.Alive()
			time.Sleep(long)
			close(ch)
		}()
		go func() { <-ch }()
	}
}
