// A small web shop that leaks goroutines the way real services do, for `script/demo`.
//
// "service" serves on a free port of this machine and prints "listening ADDRESS"; "service -ask
// ADDRESS" is its client: it sends the requests of a busy minute and returns when every goroutine
// that they left behind has parked. Standard library only, any Go from 1.19.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
)

func serve() error {
	shop := newShop()
	mux := http.NewServeMux()
	mux.HandleFunc("/quote", shop.quote)
	mux.HandleFunc("/search", shop.search)
	mux.HandleFunc("/import", shop.importPrices)
	mux.HandleFunc("/transfer", shop.transfer)
	mux.HandleFunc("/report", shop.report)
	mux.HandleFunc("/subscribe", shop.subscribe)
	mux.HandleFunc("/order", shop.order)
	mux.HandleFunc("/parked", shop.parked)

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening", listener.Addr())
	return http.Serve(listener, mux)
}

// ask sends count requests for every path, then waits for what they started to have parked.
func ask(address string) error {
	requests := []struct {
		path  string
		count int
	}{
		{"/search", 120}, {"/quote", 40}, {"/import", 25}, {"/transfer", 12}, {"/report", 8}, {"/subscribe", 30},
		{"/order", 200}, {"/parked", 1},
	}
	for _, request := range requests {
		for i := 0; i < request.count; i++ {
			if err := get("http://" + address + request.path); err != nil {
				return err
			}
		}
		if request.path != "/parked" {
			fmt.Printf("  %4d x GET %s\n", request.count, request.path)
		}
	}
	return nil
}

func get(url string) error {
	response, err := http.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode == http.StatusInternalServerError {
		err = fmt.Errorf("%s: %s", url, body)
	}
	return err
}

func main() {
	address := flag.String("ask", "", "be the client of the service at this address")
	flag.Parse()
	var err error
	if *address != "" {
		err = ask(*address)
	} else {
		err = serve()
	}
	if err != nil {
		log.Println(err)
		os.Exit(1)
	}
}
