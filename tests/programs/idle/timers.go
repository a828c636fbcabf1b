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
	truth.Expect(2)
	grace, pulse = time.NewTimer(time.Nanosecond), time.NewTicker(time.Hour)
	<-grace.C
	pulse.Stop()
	go awaitTimer()
	go awaitTicker()
	truth.OnWake(func() {
		grace.Reset(time.Nanosecond)
		pulse.Reset(time.Nanosecond)
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
