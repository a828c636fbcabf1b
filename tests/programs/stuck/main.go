// Goroutines that look stuck though something still reaches what they wait for, and beside them such as only look so. Nothing in
// here sets a timer again: the linker leaves Reset out, and what has fired or was stopped stays so.
package main

import (
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("many_behind_a_map", manyBehindAMap)
	truth.Program("timer_never_set_again", timerNeverSetAgain)
	truth.Program("results_in_a_registry", resultsInARegistry)
}

func main() { truth.Main() }

const (
	crowd     = 1100
	results   = 110
	long      = time.Hour
	receive   = "goroutine/blocked-receive"
	abandoned = "goroutine/abandoned-result"
)

// It has pointers, so that it never shares a slot with a stranger that lives.
type visitor struct {
	messages chan *visitor
	next     *visitor
}

var (
	visitors = map[int]*visitor{}
	queue    = make(chan *visitor)
)

// Each visitor waits for a message of his own. All are entered in a global map, which is read now and then; who started them has ended.
// In the twin as many work on one queue, and as many more have somebody beside them who has them at hand, asleep for an hour.
func manyBehindAMap(fixed bool) {
	truth.Expect(crowd)
	if fixed {
		truth.Expect(2 * crowd)
	}
	for i := 0; i < crowd; i++ {
		v := &visitor{messages: make(chan *visitor)}
		visitors[i] = v
		go attend(v, fixed)
		if fixed {
			go work()
			go remind(v)
		}
	}
	truth.OnWake(func() {
		close(queue)
		for _, v := range visitors {
			close(v.messages)
		}
	})
}

func attend(v *visitor, fixed bool) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Growing("a map that is read has its channel", receive)
	}
	<-v.messages
}

func work() {
	truth.Wakes()
	for range queue {
	}
}

func remind(v *visitor) {
	truth.Alive()
	time.Sleep(long)
	v.messages <- v
}

var (
	grace *time.Timer
	pulse *time.Ticker
)

// A timer that has fired and a ticker that was stopped, both global. In the twin both are pending.
func timerNeverSetAgain(fixed bool) {
	truth.Expect(2)
	if fixed {
		grace, pulse = time.NewTimer(long), time.NewTicker(long)
	} else {
		grace, pulse = time.NewTimer(time.Nanosecond), time.NewTicker(long)
		<-grace.C
		pulse.Stop()
	}
	for _, ticks := range []<-chan time.Time{grace.C, pulse.C} {
		go awaitTick(ticks, fixed)
	}
}

func awaitTick(ticks <-chan time.Time, fixed bool) {
	if fixed {
		truth.Alive()
	} else {
		truth.Likely("timer never set again", receive)
	}
	<-ticks
}

var answers = map[int]chan *visitor{}

// Each request has its result computed by a goroutine and returns before it is there; the channel stays in a map of all requests. In the
// twin the requests wait for something slow before they take their result.
func resultsInARegistry(fixed bool) {
	truth.Expect(results)
	returned := make(chan bool)
	for i := 0; i < results; i++ {
		answers[i] = make(chan *visitor)
		go request(answers[i], fixed, returned)
		<-returned
	}
}

func request(answer chan *visitor, fixed bool, returned chan bool) {
	go compute(answer, fixed)
	returned <- true
	if fixed {
		<-truth.Wake
		<-answer
	}
}

func compute(answer chan *visitor, fixed bool) {
	if fixed {
		truth.Wakes()
	} else {
		truth.Growing("a map that is read has its channel", abandoned)
	}
	answer <- &visitor{}
}
