// A server under load, and the load.
//
//	server serve MEGABYTES       serves HTTP on a port of its own; prints "ready ADDRESS"
//	server load ADDRESS CLIENTS  so many clients, each of which asks again as soon as it has its answer;
//	                             prints "ready", and answers each line of its input with the number of
//	                             answers so far
//
// Each answer costs what answers cost: a look into a large map, some allocations, JSON. Both end
// with their input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
)

type order struct {
	ID       int
	Customer string
	Lines    []*line
}

type line struct {
	Article  string
	Quantity int
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "serve MEGABYTES, or load ADDRESS CLIENTS")
		os.Exit(2)
	}
	if os.Args[1] == "serve" {
		serve(number(os.Args[2]))
	} else {
		load(os.Args[2], number(os.Args[3]))
	}
}

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return n
}

// About 200 bytes each, in the heap.
func makeOrders(megabytes int) map[int]*order {
	orders := map[int]*order{}
	for id := 0; id < megabytes<<20/200; id++ {
		orders[id] = &order{ID: id, Customer: fmt.Sprint("customer ", id%1000),
			Lines: []*line{{Article: "shoes", Quantity: id % 7}, {Article: "hats", Quantity: id % 3}}}
	}
	return orders
}

func serve(megabytes int) {
	orders := makeOrders(megabytes)
	var lock sync.Mutex
	next := 0
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		lock.Lock()
		next = (next + 7919) % len(orders)
		found := *orders[next]
		orders[next] = &order{ID: found.ID, Customer: found.Customer, Lines: found.Lines}
		lock.Unlock()
		json.NewEncoder(w).Encode(found)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go http.Serve(listener, nil)
	fmt.Println("ready", listener.Addr())
	io.Copy(io.Discard, os.Stdin)
}

func load(address string, clients int) {
	var answers int64
	transport := &http.Transport{MaxIdleConnsPerHost: clients}
	for i := 0; i < clients; i++ {
		go func() {
			client := http.Client{Transport: transport}
			for {
				response, err := client.Get("http://" + address + "/")
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				io.Copy(io.Discard, response.Body)
				response.Body.Close()
				atomic.AddInt64(&answers, 1)
			}
		}()
	}
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(atomic.LoadInt64(&answers))
	}
}
