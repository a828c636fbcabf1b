// Parks COUNT goroutines, every second one for good: those wait on a channel of their own that
// nobody else knows; the others on one that a global holds. Prints "ready" when all have parked.
package main

import (
	"fmt"
	"os"
	"strconv"
	"sync"
)

var everybody = make(chan int)

func waitForGood(started *sync.WaitGroup) {
	private := make(chan int)
	started.Done()
	<-private
}

func waitWithOthers(started *sync.WaitGroup) {
	started.Done()
	<-everybody
}

func main() {
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var started sync.WaitGroup
	for i := 0; i < count; i++ {
		started.Add(1)
		if i%2 == 0 {
			go waitForGood(&started)
		} else {
			go waitWithOthers(&started)
		}
	}
	started.Wait()
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1)) // until the benchmark closes it
}
