package main

import (
	"time"

	"goshawk.test/programs/truth"
)

var (
	grace *time.Timer
	pulse *time.Ticker
)

// A timer that has fired and a ticker that is paused: both are set again when the time has come.
func setAgainLater() {
	truth.Expect(4)
	grace, pulse = time.NewTimer(time.Nanosecond), time.NewTicker(time.Hour)
	<-grace.C
	pulse.Stop()
	go awaitTimer()
	go awaitTicker()
	go awaitTickerOrNobody(make(chan *time.Ticker))
	quit := make(chan *time.Ticker)
	go awaitTickerOrQuit(quit)
	truth.OnWake(func() {
		grace.Reset(time.Nanosecond)
		pulse.Reset(time.Nanosecond)
		close(quit)
	})
}

func awaitTimer() {
	truth.Wakes()
	<-grace.C
}

func awaitTicker() {
	truth.Wakes()
	<-pulse.C
}

// Nobody else has the second channel.
func awaitTickerOrNobody(nobody chan *time.Ticker) {
	truth.Wakes()
	select {
	case <-pulse.C:
	case <-nobody:
	}
}

func awaitTickerOrQuit(quit chan *time.Ticker) {
	truth.Wakes()
	select {
	case <-pulse.C:
	case <-quit:
	}
}
