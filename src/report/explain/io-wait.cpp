// A wait for somebody at the other end who may never come.
// The text of `goshawk explain io-wait`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kIoWaitExplanation = {
    .rule = "goroutine/io-wait",
    .why =
        "A read without a deadline waits until the other end says something or hangs up. One "
        "that was switched off, or whose connection a firewall forgot, does neither. So does a "
        "connection that is kept for a next request which will never use it.",
    .wrong = R"go(package main

import (
	"bufio"
	"fmt"
	"net"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:8000")
	if err != nil {
		panic(err)
	}
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			line, _ := bufio.NewReader(c).ReadString('\n') // may never end
			fmt.Println(line)
		}()
	}
}
)go",
    .right = R"go(package main

import (
	"bufio"
	"fmt"
	"net"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:8000")
	if err != nil {
		panic(err)
	}
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_ = c.SetReadDeadline(time.Now().Add(time.Minute))
			line, _ := bufio.NewReader(c).ReadString('\n')
			fmt.Println(line)
		}()
	}
}
)go",
    .mend =
        "Set a deadline before each read and write. For net/http set ReadHeaderTimeout and "
        "IdleTimeout of the Server; of the Client use one Transport for all requests, close "
        "every Body, and set Timeout.",
    .releases = "Every Go release.",
    .certainty =
        "Never proven: the other end may still speak. Likely when several pictures (goshawk "
        "leaks PID --samples 3) show more of them each time and nearly none has ended; two "
        "pictures make it suspected. A wait whose deadline lies ahead is none of them: it will "
        "end. Clients that all stay connected without one, while more and more come, look the "
        "same. The finding says who is at the other end and how many have no deadline.",
};

}  // namespace goshawk::report
