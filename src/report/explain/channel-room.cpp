// A large buffer of a channel in which little is queued.
// The text of `goshawk explain channel-room`; the Go programs are compiled by
// explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kChannelRoomExplanation = {
    .rule = "heap/channel-room",
    .why =
        "make(chan T, n) allocates room for n elements at once, and the channel keeps it as long "
        "as "
        "it lives, whatever is in it. One such channel may be cheap; one for each connection is "
        "not, and elements that are large structs multiply.",
    .wrong = R"go(package main

type message struct{ text [1024]byte }

type client struct{ outgoing chan message }

func main() {
	var clients []*client
	for i := 0; i < 1000; i++ {
		one := &client{make(chan message, 256)} // 256 KB each
		clients = append(clients, one)
	}
	clients[0].outgoing <- message{}
}
)go",
    .right = R"go(package main

type message struct{ text [1024]byte }

type client struct{ outgoing chan *message }

func main() {
	var clients []*client
	for i := 0; i < 1000; i++ {
		one := &client{make(chan *message, 16)}
		clients = append(clients, one)
	}
	clients[0].outgoing <- new(message)
}
)go",
    .mend =
        "As many elements as bursts need, and pointers instead of large values, so that room for "
        "what is not there costs a word.",
    .releases = "Every Go release.",
    .certainty =
        "Room and elements are counted at one instant, of channels with buffers of 4 KB or more. "
        "That the room is never needed is a suspicion.",
};

}  // namespace goshawk::report
