//go:build !lean

package main

// What needs the network's packages, which are most of what there is to build: a lean build, for the many flavours, is without.

import (
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("http_handler_timeout", httpHandlerTimeout)
	truth.Correct("io_wait", ioWait)
}

func ioWait() {
	truth.Expect(4)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		truth.Wakes()
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
		}
	}()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	held := waiter()
	go func() {
		truth.Wakes()
		client.Read(make([]byte, 1))
		close(held)
	}()
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	go func() {
		truth.Wakes()
		reader.Read(make([]byte, 1))
	}()
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() {
		truth.Wakes()
		packets.SetReadDeadline(time.Now().Add(long))
		packets.ReadFrom(make([]byte, 1))
	}()
	truth.OnWake(func() {
		listener.Close()
		client.Close()
		writer.Close()
		packets.Close()
	})
}

// http.TimeoutHandler answers 503 and forgets the handler, which waits for a backend that never answers.
func httpHandlerTimeout(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		backend := make(chan *holder)
		slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			leakedUnless(fixed, receive)
			<-backend
		})
		answer := httptest.NewRecorder()
		request := httptest.NewRequest("GET", "/", nil)
		http.TimeoutHandler(slow, time.Millisecond, "too late").ServeHTTP(answer, request)
		if answer.Code != http.StatusServiceUnavailable {
			panic(answer.Code)
		}
		if fixed {
			truth.OnWake(func() { close(backend) })
		}
	}
}
