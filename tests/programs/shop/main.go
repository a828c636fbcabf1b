// A service under load, to be watched: requests that come in bursts and end, workers that stay; and where it is asked to, one
// goroutine that is left behind every so often, or one that a registry keeps, or memory, or a timer. It ends with its standard input.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	_ "net/http/pprof"
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
	pages    []*[256 << 10]byte
	garbage  []byte
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

// A page of a cache that nobody empties, and what a request leaves to the collector.
func hold(number int) {
	page := new([256 << 10]byte)
	page[number%len(page)] = 1
	mutex.Lock()
	pages = append(pages, page)
	mutex.Unlock()
	garbage = make([]byte, 1<<20)
}

func remind(int) {
	time.AfterFunc(time.Hour, func() { fmt.Println("an hour later") })
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
	held := flag.Duration("hold", 0, "keep one more page of memory every so often")
	timers := flag.Duration("remind", 0, "start a timer of an hour every so often")
	endpoint := flag.String("endpoint", "", "serve net/http/pprof at this address")
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
	if *held > 0 {
		go every(*held, hold)
	}
	if *timers > 0 {
		go every(*timers, remind)
	}
	if *endpoint != "" {
		go func() { panic(http.ListenAndServe(*endpoint, nil)) }()
	}
	go every(37*time.Millisecond, func(number int) { burst(number * 7 % 50) })
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	close(work)
}
