// A channel in which much is queued.
// The text of `goshawk explain channel-backlog`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kChannelBacklogExplanation = {
    .rule = "heap/channel-backlog",
    .why =
        "What was sent and not received stays in the channel's buffer, with all that it leads to. "
        "Where senders are faster than receivers, a buffer of any size fills up in the end: a "
        "large one only hides it longer, and holds more. Until then nobody has to wait, and nobody "
        "notices.",
    .wrong = R"go(package main

import "time"

type event struct{ payload [4096]byte }

var events = make(chan *event, 1<<20) // room for 4 GB of them

func store(*event) { time.Sleep(time.Millisecond) }

func main() {
	go func() {
		for e := range events {
			store(e)
		}
	}()
	for i := 0; i < 1<<10; i++ {
		events <- new(event) // never waits
	}
}
)go",
    .right = R"go(package main

import "time"

type event struct{ payload [4096]byte }

var (
	events  = make(chan *event, 64)
	dropped int
)

func store(*event) { time.Sleep(time.Millisecond) }

func main() {
	for i := 0; i < 8; i++ {
		go func() {
			for e := range events {
				store(e)
			}
		}()
	}
	for i := 0; i < 1<<10; i++ {
		select {
		case events <- new(event):
		default:
			dropped++ // or wait: what must not be lost makes its sender wait
		}
	}
}
)go",
    .mend =
        "A buffer as small as bursts allow, and a decision of what happens when it is full: the "
        "sender waits, or what it has is dropped and counted. More receivers, if they are what is "
        "slow.",
    .releases = "Every Go release.",
    .certainty =
        "Elements, and what they alone hold, are counted at one instant, of channels with buffers "
        "of 4 KB or more. That receivers do not keep up is a suspicion: it may have been a burst, "
        "or a channel that keeps spares for reuse and is meant to be full. Goroutines that wait to "
        "send say that it is not enough.",
};

}  // namespace goshawk::report
