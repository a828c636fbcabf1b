package main

// HTTP clients and servers. Their own goroutines are told by where they stand (truth.Foreign).

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("response_body_not_closed", responseBodyNotClosed)
	truth.Program("response_body_of_a_shared_client", responseBodyOfASharedClient)
	truth.Program("handler_waits_for_backend", handlerWaitsForBackend)
	truth.Program("handler_behind_timeout", handlerBehindTimeout)
	truth.Program("streaming_handler_ignores_client", streamingHandlerIgnoresClient)
	truth.Program("transport_for_each_request", transportForEachRequest)
}

const (
	clientReads  = "net/http.(*persistConn).readLoop("
	clientWrites = "net/http.(*persistConn).writeLoop("
)

// A server that lives as long as the program. How it answers is its handler's.
func serveFor(handler http.HandlerFunc) string {
	server := httptest.NewServer(handler)
	truth.OnWake(func() { server.CloseClientConnections(); server.Close() })
	return server.URL
}

func get(client *http.Client, url string) *http.Response {
	response, err := client.Get(url)
	if err != nil {
		panic(err)
	}
	return response
}

// The status was all that was wanted. The client's two goroutines wait for somebody to read or close the body.
func responseBodyNotClosed(fixed bool) {
	const requests = 2
	url := serveFor(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("much ", 1<<18))
	})
	foreignUnless(fixed, requests, clientReads, selecting, lostCancel)
	foreignUnless(fixed, requests, clientWrites, selecting)
	for i := 0; i < requests; i++ {
		transport := &http.Transport{}
		response := get(&http.Client{Transport: transport}, url)
		if fixed {
			later(func() {
				response.Body.Close()
				transport.CloseIdleConnections()
			})
		}
	}
}

var sharedClient, sharedClientOfTwins = &http.Client{Transport: &http.Transport{}}, &http.Client{Transport: &http.Transport{}}

const (
	requestsOfClient truth.Holder = "HTTP client's requests"
	ownerIsHeld      truth.Holder = "owner is held"
)

// The same with the client that the whole program uses, as most do.
// Held by: sharedClient (global) -> its transport -> its table of requests -> what would cancel the request -> the reader, whose stack
// has what the writer waits for. Holder rules: HTTP client's requests, owner is held.
func responseBodyOfASharedClient(fixed bool) {
	const requests = 2
	url := serveFor(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat("much ", 1<<18))
	})
	claim := func(holder truth.Holder) truth.Claim {
		if fixed {
			return truth.Claim{Verdict: "wakes"}
		}
		return truth.Claim{Verdict: "likely", Holder: holder, Rules: []string{selecting}}
	}
	truth.Foreign(requests, clientReads, claim(requestsOfClient))
	truth.Foreign(requests, clientWrites, claim(ownerIsHeld))
	for i := 0; i < requests; i++ {
		if !fixed {
			get(sharedClient, url)
			continue
		}
		response := get(sharedClientOfTwins, url)
		later(func() {
			response.Body.Close()
			sharedClientOfTwins.CloseIdleConnections()
		})
	}
	if !fixed {
		getAndClose(sharedClient, url)
	}
}

// Up to Go 1.22 a transport remembers the connection that it gave away last: now that is this one's, which ends.
func getAndClose(client *http.Client, url string) {
	request, err := http.NewRequest("GET", url, nil)
	if err != nil {
		panic(err)
	}
	request.Close = true
	response, err := client.Do(request)
	if err != nil {
		panic(err)
	}
	response.Body.Close()
}

// Held by: the server's connection, which has to stay open for an answer. The handler itself waits for what nobody gives.
func handlerWaitsForBackend(fixed bool) {
	truth.Expect(2)
	url := serveFor(func(w http.ResponseWriter, r *http.Request) {
		leakedUnless(fixed, receive)
		backend := make(chan *job)
		if fixed {
			later(func() { close(backend) })
		}
		<-backend
	})
	for i := 0; i < 2; i++ {
		go func() { // the client is another program, as it were; its transport ends with the server
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			if response, err := client.Get(url); err == nil {
				response.Body.Close()
			}
		}()
	}
}

// TimeoutHandler answers that it took too long, and leaves the handler behind.
func handlerBehindTimeout(fixed bool) {
	truth.Expect(2)
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		leakedUnless(fixed, receive, lostCancel)
		backend := make(chan *job)
		if fixed {
			later(func() { close(backend) })
		}
		<-backend
	})
	url := serveFor(http.TimeoutHandler(slow, time.Millisecond, "too late").ServeHTTP)
	for i := 0; i < 2; i++ {
		response := get(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, url)
		response.Body.Close()
		if response.StatusCode != http.StatusServiceUnavailable {
			panic(response.Status)
		}
	}
}

// A feed for the browser. It has gone, the producer of the feed was not told and waits for the handler to take the next event.
func streamingHandlerIgnoresClient(fixed bool) {
	truth.Expect(1)
	url := serveFor(func(w http.ResponseWriter, r *http.Request) {
		events := make(chan *job)
		go func() {
			leakedUnless(fixed, send, abandoned)
			for i := 0; i < 3; i++ {
				events <- &job{id: i}
			}
		}()
		<-events
		_, _ = io.WriteString(w, "one event\n")
		if fixed {
			later(func() { <-events; <-events })
		}
	})
	response := get(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, url)
	response.Body.Close()
}

// A transport for each request keeps a connection for the next request, which will use another one.
// Held by: the network poller and the reading goroutine's stack. The server may still hang up.
func transportForEachRequest(fixed bool) {
	const requests = 2
	url := serveFor(func(w http.ResponseWriter, r *http.Request) {})
	claim := func(rules ...string) truth.Claim {
		if fixed {
			return truth.Claim{Verdict: "wakes"}
		}
		return truth.Claim{Verdict: "growing", Rules: rules, Why: "an idle connection, which the server may still close"}
	}
	truth.Foreign(requests, clientReads, claim(ioWait))
	truth.Foreign(requests, clientWrites, claim(ioWait, selecting))
	for i := 0; i < requests; i++ {
		transport := &http.Transport{}
		response := get(&http.Client{Transport: transport}, url)
		response.Body.Close()
		if fixed {
			later(transport.CloseIdleConnections)
		}
	}
}
