//go:build !lean

package main

// What waits for the network, a pipe or another process: at known addresses, with and without a deadline. At "ends" the program says
// of each goroutine what it waits for.

import (
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Correct("network_ends", networkEnds)
	truth.Program("network_readers", networkReaders)
}

type end struct {
	Kind     string `json:"kind"` // read, write, accept
	Protocol string `json:"protocol"`
	Local    string `json:"local"`
	Remote   string `json:"remote"`
	Seconds  int64  `json:"seconds"` // until its deadline; 0: it has none
}

var (
	ends   = map[int64]end{}
	opened []io.Closer
)

func keepOpen(file io.Closer) {
	opened = append(opened, file)
	truth.OnWake(func() { file.Close() })
}

// waitAs has a goroutine wait in f, which returns when the file is closed, for what `e` says.
func waitAs(e end, file io.Closer, f func()) {
	keepOpen(file)
	known := make(chan int64)
	go func() {
		truth.Wakes()
		known <- truth.Goid()
		f()
	}()
	ends[<-known] = e
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func networkEnds() {
	truth.Expect(7)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	address := listener.Addr().String()
	client, slow := must(net.Dial("tcp", address)), must(net.Dial("tcp", address))
	keepOpen(must(listener.Accept()))
	keepOpen(must(listener.Accept()))
	waitAs(end{"accept", "tcp", address, "", 0}, listener, func() { listener.Accept() })
	waitAs(end{"read", "tcp", client.LocalAddr().String(), address, 0}, client, func() { client.Read(make([]byte, 1)) })

	slow.SetReadDeadline(time.Now().Add(time.Hour))
	slow.SetWriteDeadline(time.Now().Add(2 * time.Hour))
	waitAs(end{"read", "tcp", slow.LocalAddr().String(), address, 3600}, slow, func() { slow.Read(make([]byte, 1)) })
	waitAs(end{"write", "tcp", slow.LocalAddr().String(), address, 7200}, slow, func() {
		for err := error(nil); err == nil; {
			_, err = slow.Write(make([]byte, 1<<20))
		}
	})

	packets := must(net.ListenPacket("udp", "127.0.0.1:0"))
	waitAs(end{"read", "udp", packets.LocalAddr().String(), "", 0}, packets, func() { packets.ReadFrom(make([]byte, 1)) })

	path := fmt.Sprintf("@goshawk's ends %d", os.Getpid())
	unix := must(net.Listen("unix", path))
	waitAs(end{"accept", "unix", path, "", 0}, unix, func() { unix.Accept() })

	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	keepOpen(writer)
	waitAs(end{"read", "pipe", "", "", 0}, reader, func() { reader.Read(make([]byte, 1)) })
	truth.OnCommand("ends", func(string) interface{} { return ends })
}

// Two readers, and with "grow" two more each time: one that nothing but its peer will end, and one that its deadline will.
func networkReaders(fixed bool) {
	truth.Expect(2)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	defer listener.Close()
	for _, deadline := range []bool{true, fixed} {
		client := must(net.Dial("tcp", listener.Addr().String()))
		peer := must(listener.Accept())
		keepOpen(client)
		keepOpen(peer)
		if deadline {
			client.SetReadDeadline(time.Now().Add(time.Hour))
		}
		go readFrom(client, deadline)
	}
}

func readFrom(connection net.Conn, deadline bool) {
	if deadline {
		truth.Wakes()
	} else {
		truth.Growing("the peer may still say something", "goroutine/io-wait")
	}
	connection.Read(make([]byte, 1))
}
