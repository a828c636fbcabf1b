package main

// What the main goroutine never leaves on purpose is no leak, though nobody can wake it.

import "goshawk.test/programs/truth"

func init() {
	truth.OnMain("main_select", mainSelect)
	truth.OnMain("main_parked", mainParked)
	truth.OnMain("main_waits_for_leaked", mainWaitsForLeaked)
}

func mainSelect(fixed bool) {
	truth.Expect(1)
	if fixed {
		truth.Alive()
		<-truth.Wake
		return
	}
	truth.Parked()
	select {}
}

func mainParked(fixed bool) {
	truth.Expect(1)
	forever := make(chan *holder)
	if fixed {
		truth.Alive()
		truth.OnWake(func() { forever <- nil })
	} else {
		truth.Parked()
	}
	<-forever
}

// The worker that main waits for will never be done: only main knows its channel.
func mainWaitsForLeaked(fixed bool) {
	truth.Expect(2)
	work, done := make(chan *holder), make(chan *holder)
	go func() {
		leakedUnless(fixed, receive)
		<-work
		close(done)
	}()
	if fixed {
		truth.Alive()
		truth.OnWake(func() { close(work) })
	} else {
		truth.Parked()
	}
	<-done
}
