// The last module of the chain: what its globals hold is as alive as what the first one's hold.
package main

import "goshawk.test/programs/truth"

func main() {}

type request struct {
	answer chan string
	next   *request
}

var pending *request

func Plant(fixed bool) {
	truth.Expect(3)
	pending = &request{answer: make(chan string)}
	lost, held := &request{answer: make(chan string)}, make(chan string)
	go wait(pending.answer, false)
	go wait(lost.answer, !fixed)
	go func() {
		truth.Wakes()
		select {
		case <-truth.Wake:
		case <-held:
		}
	}()
	truth.OnWake(func() { close(pending.answer) })
	if fixed {
		truth.OnWake(func() { close(lost.answer) })
	}
}

func wait(answer chan string, leaked bool) {
	if leaked {
		truth.Leaked("goroutine/blocked-receive")
	} else {
		truth.Wakes()
	}
	<-answer
}
