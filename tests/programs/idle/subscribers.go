package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"

	"goshawk.test/programs/truth"
)

const crowd = 1100

type subscriber struct{ events chan string }

var (
	hubLock  sync.Mutex
	hub      = map[*subscriber]bool{}
	kept     []io.Closer // the clients' ends
	all      sync.WaitGroup
	together = make(chan struct{})
)

func subscribe() *subscriber {
	s := &subscriber{make(chan string)}
	hubLock.Lock()
	hub[s] = true
	hubLock.Unlock()
	return s
}

// A server of events with a global hub of its subscribers. In the leak each handler waits for an event and for nothing else. In the twin it
// also ends with its request, whose answer somebody reads; and as many connections of a client stay idle, each with two goroutines of net/http's own.
func subscribersOfAHub(fixed bool) {
	truth.Expect(crowd)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	server := http.NewServeMux()
	server.HandleFunc("/stuck", stuck)
	server.HandleFunc("/events", events)
	server.HandleFunc("/together", answerTogether)
	go http.Serve(listener, server)
	if !fixed {
		for i := 0; i < crowd; i++ {
			keepStuck(listener.Addr().String())
		}
		return
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConns: crowd, MaxIdleConnsPerHost: crowd}}
	askTogether(client, "http://"+listener.Addr().String()+"/together")
	truth.Expect(crowd)
	for i := 0; i < crowd; i++ {
		body := get(&http.Client{Transport: &http.Transport{}}, "http://"+listener.Addr().String()+"/events").Body
		keep(body)
		go follow(body)
	}
	truth.OnWake(func() {
		for _, body := range kept {
			body.Close()
		}
	})
}

func follow(events io.Reader) {
	truth.Wakes()
	io.Copy(io.Discard, events)
}

func keepStuck(address string) {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Fprint(connection, "GET /stuck HTTP/1.1\r\nHost: hub\r\n\r\n")
	keep(connection)
}

func keep(one io.Closer) { kept = append(kept, one) }

func get(client *http.Client, url string) *http.Response {
	response, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	return response
}

// Each on a connection of its own, for all are answered once the last one is there.
func askTogether(client *http.Client, url string) {
	all.Add(crowd)
	var answered sync.WaitGroup
	answered.Add(crowd)
	for i := 0; i < crowd; i++ {
		go func() {
			defer answered.Done()
			response := get(client, url)
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		}()
	}
	all.Wait()
	close(together)
	answered.Wait()
}

func answerTogether(w http.ResponseWriter, _ *http.Request) {
	all.Done()
	<-together
}

func stuck(http.ResponseWriter, *http.Request) {
	s := subscribe()
	truth.Growing("a hub that is read has its channel", "goroutine/blocked-receive")
	<-s.events
}

func events(w http.ResponseWriter, request *http.Request) {
	s := subscribe()
	truth.Wakes()
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	for {
		select {
		case event := <-s.events:
			fmt.Fprintln(w, event)
		case <-request.Context().Done():
			return
		}
	}
}
