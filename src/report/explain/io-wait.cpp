// A network wait without a deadline.
// The text of `goshawk explain io-wait`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kIoWaitExplanation = {
    .rule = "goroutine/io-wait",
    .why =
        "A read from a connection waits until the other side sends or closes. A peer that "
        "disappeared without a word (a crash, a firewall that forgot the connection) does "
        "neither. Without a deadline the goroutine waits until the kernel gives up, which may "
        "be never.",
    .wrong = R"go(package main

import "net"

func receive(conn net.Conn, handle func([]byte)) {
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Read(buffer) // no deadline
		if err != nil {
			return
		}
		handle(buffer[:n])
	}
}

func main() {
	ours, theirs := net.Pipe()
	go receive(ours, func([]byte) {})
	_ = theirs // says nothing, closes nothing
}
)go",
    .right = R"go(package main

import (
	"net"
	"time"
)

func receive(conn net.Conn, handle func([]byte)) {
	defer conn.Close()
	buffer := make([]byte, 4096)
	for {
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		handle(buffer[:n])
	}
}

func main() {
	ours, theirs := net.Pipe()
	go receive(ours, func([]byte) {})
	theirs.Close()
}
)go",
    .mend =
        "Set a deadline before each read and write. For HTTP: ReadTimeout, WriteTimeout and "
        "IdleTimeout of the Server, Timeout of the Client, and close every response body.",
    .releases = "Every Go release.",
    .certainty =
        "Never proven: the kernel can always wake it. It is suspected by age and by number at "
        "one place.",
};

}  // namespace goshawk::report
