package main

// A crowd of parked goroutines: half of them leaked in pairs, the others waiting for one global channel. How many is up to
// the environment (CROWD).

import (
	"os"
	"strconv"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("crowd", crowd) }

var crowdGate = make(chan *holder)

func crowd(fixed bool) {
	size := 5000
	if text := os.Getenv("CROWD"); text != "" {
		size, _ = strconv.Atoi(text)
	}
	truth.Expect(size)
	for i := 0; i < size/4; i++ {
		lost := crowdGate
		if !fixed {
			lost = make(chan *holder)
		}
		go oneOfTheCrowd(lost, fixed)
		go oneOfTheCrowd(lost, fixed)
		go oneOfTheCrowd(crowdGate, true)
		go oneOfTheCrowd(crowdGate, true)
	}
	truth.OnWake(func() { close(crowdGate) })
}

func oneOfTheCrowd(ch chan *holder, fixed bool) {
	leakedUnless(fixed, receive)
	<-ch
}
