package main

// What the main goroutine never leaves on purpose is no leak, though nobody can wake it. Nor is a service that it started.

import (
	"os"

	"goshawk.test/programs/truth"
)

func init() {
	truth.OnMain("service_of_init", func(bool) { <-truth.Wake })
	truth.OnMain("services_of_one_statement", servicesOfOneStatement)
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

// The go statement is in an init function.
func init() {
	if len(os.Args) != 3 || os.Args[1] != "service_of_init" {
		return
	}
	fixed := os.Args[2] == "fixed"
	truth.Expect(1)
	go func() {
		if fixed {
			truth.Wakes()
			<-truth.Wake
			return
		}
		truth.Parked()
		select {}
	}()
}

// Two of them are one too many.
func servicesOfOneStatement(fixed bool) {
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
	<-truth.Wake
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
