// A program that nobody talks to, as in a pod: it says when it is ready, and stays until it is told to end.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func forget(started chan<- struct{}) {
	never := make(chan int)
	started <- struct{}{}
	<-never
}

func main() {
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	started := make(chan struct{})
	for range 3 {
		go forget(started)
		<-started
	}
	fmt.Println("ready")
	<-end
}
