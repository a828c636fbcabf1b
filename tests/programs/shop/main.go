// A service under load, to be watched: requests that come in bursts and end, workers that stay; and where it is asked to, one
// goroutine that is left behind every so often, or one that a registry keeps. It ends with its standard input.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

type session struct {
	closed chan struct{}
}

var (
	mutex    sync.Mutex
	sessions = map[int]*session{}
)

func ask(answer chan<- int) {
	answer <- 42
}

// The reader has gone when the answer comes.
func abandon() {
	go ask(make(chan int))
}

func keep(number int) {
	one := &session{closed: make(chan struct{})}
	mutex.Lock()
	sessions[number] = one
	mutex.Unlock()
	go func() {
		<-one.closed
	}()
}

func serve(wait *sync.WaitGroup) {
	defer wait.Done()
	time.Sleep(20 * time.Millisecond)
}

// Not in step with any sampler.
func burst(size int) {
	var wait sync.WaitGroup
	for range size {
		wait.Add(1)
		go serve(&wait)
	}
	wait.Wait()
}

func every(interval time.Duration, do func(int)) {
	for number := 0; ; number++ {
		time.Sleep(interval)
		do(number)
	}
}

func main() {
	abandoned := flag.Duration("abandon", 0, "leave a goroutine behind every so often")
	kept := flag.Duration("keep", 0, "keep one more session every so often")
	parked := flag.Int("parked", 0, "have so many goroutines wait for work")
	flag.Parse()
	work := make(chan func())
	for range 10 + *parked {
		go func() {
			for one := range work {
				one()
			}
		}()
	}
	if *abandoned > 0 {
		go every(*abandoned, func(int) { abandon() })
	}
	if *kept > 0 {
		go every(*kept, keep)
	}
	go every(37*time.Millisecond, func(number int) { burst(number * 7 % 50) })
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	close(work)
}
