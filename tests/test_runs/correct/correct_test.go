// Package correct has tests that leak nothing, of the kinds that those of package leaks are of.
package correct

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

func collected() {
	results := make(chan int)
	go func() { results <- 1 }()
	<-results
}

func TestPlain(t *testing.T) { collected() }

func TestBuffered(t *testing.T) {
	results := make(chan int, 1)
	go func() { results <- 1 }()
}

func TestParallel(t *testing.T) {
	for i := 0; i < 8; i++ {
		t.Run(fmt.Sprint("case", i), func(t *testing.T) {
			t.Parallel()
			collected()
		})
	}
}

func TestPool(t *testing.T) {
	work := make(chan int)
	var workers sync.WaitGroup
	for i := 0; i < 4; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for range work {
			}
		}()
	}
	for i := 0; i < 100; i++ {
		work <- i
	}
	close(work)
	workers.Wait()
}

// Still at work when all is over.
func TestSleeper(t *testing.T) {
	done := make(chan bool, 1)
	go func() {
		time.Sleep(time.Hour)
		done <- true
	}()
}

func TestTicks(t *testing.T) {
	go func() {
		for range time.NewTicker(time.Millisecond).C {
		}
	}()
}

// Just woken, or about to be, when all is over.
func TestBusy(t *testing.T) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for n := range ping {
			pong <- n + 1
		}
	}()
	go func() {
		for n := 0; ; {
			ping <- n
			n = <-pong
		}
	}()
}

func FuzzSeeds(f *testing.F) {
	f.Add(1)
	f.Fuzz(func(t *testing.T, number int) { collected() })
}

func Example_collected() {
	collected()
	fmt.Println("collected")
	// Output: collected
}
