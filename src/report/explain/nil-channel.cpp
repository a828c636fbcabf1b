// Send to or receive from a nil channel.
// The text of `goshawk explain nil-channel`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kNilChannelExplanation = {
    .rule = "goroutine/nil-channel",
    .why =
        "A send to or a receive from a nil channel blocks for ever, by definition of the "
        "language. It happens with a channel field that was never made, with a struct that was "
        "copied before the channel was set, and with a select all of whose channels are nil.",
    .wrong = R"go(package main

type Feed struct {
	Updates chan string
}

func (f *Feed) run() {
	for u := range f.Updates { // f.Updates is nil: waits for ever
		println(u)
	}
}

func main() {
	f := &Feed{}
	go f.run()
	f.Updates = make(chan string) // too late: run has read nil
}
)go",
    .right = R"go(package main

type Feed struct {
	Updates chan string
}

func NewFeed() *Feed {
	return &Feed{Updates: make(chan string)}
}

func (f *Feed) run() {
	for u := range f.Updates {
		println(u)
	}
}

func main() {
	f := NewFeed() // made before anybody uses it
	go f.run()
	f.Updates <- "hello"
	close(f.Updates)
}
)go",
    .mend =
        "Make channels in the constructor, before the first goroutine starts. Setting a case's "
        "channel to nil to switch it off is fine as long as another case stays.",
    .releases = "Every Go release.",
    .certainty =
        "Proven: the wait reason of the runtime says so. For a select of nil channels only, the "
        "stack shows the select and it is in no channel's queue.",
};

}  // namespace goshawk::report
