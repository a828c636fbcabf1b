package main

// Connections and what waits at their ends. A wait for the network may end by itself, as far as this machine can tell.

import (
	"bufio"
	"net"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("read_without_deadline", readWithoutDeadline)
	truth.Program("accept_never_closed", acceptNeverClosed)
	truth.Program("writer_of_a_dead_connection", writerOfADeadConnection)
}

func listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	return listener
}

// connect returns both ends of a connection.
func connect() (client, server net.Conn) {
	listener := listen()
	defer listener.Close()
	accepted := make(chan net.Conn)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		accepted <- connection
	}()
	client, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		panic(err)
	}
	return client, <-accepted
}

var silentPeers []net.Conn // at the other end of the wire: another machine, as it were

// Held by: the network poller. The peer says nothing and does not hang up.
func readWithoutDeadline(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		client, peer := connect()
		silentPeers = append(silentPeers, peer)
		go func() {
			growingUnless(fixed, "the peer may still say something: a read without a deadline", ioWait)
			_, _ = bufio.NewReader(client).ReadString('\n')
			client.Close()
		}()
		if fixed {
			later(func() { client.Close() })
		}
	}
}

// Held by: the network poller. A listener for each test, say, and none is closed.
func acceptNeverClosed(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		listener := listen()
		go func() {
			growingUnless(fixed, "somebody may still connect: an accept without an end", ioWait)
			for {
				connection, err := listener.Accept()
				if err != nil {
					return
				}
				connection.Close()
			}
		}()
		if fixed {
			later(func() { listener.Close() })
		}
	}
}

// The reader saw the end of the connection and returned. The writer waits for more to write, and nobody tells it.
func writerOfADeadConnection(fixed bool) {
	truth.Expect(1)
	client, peer := connect()
	outgoing, readerEnded := make(chan []byte), make(chan struct{})
	go func() {
		leakedUnless(fixed, receive)
		for message := range outgoing {
			_, _ = client.Write(message)
		}
	}()
	go func() {
		defer close(readerEnded)
		_, _ = bufio.NewReader(client).ReadString('\n')
		client.Close()
	}()
	outgoing <- []byte("?")
	peer.Close()
	<-readerEnded
	if fixed {
		later(func() { close(outgoing) })
	}
}
