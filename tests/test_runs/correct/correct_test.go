// Package correct has tests that leak nothing, of the kinds that those of package leaks are of.
package correct

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func collected() {
	results := make(chan int)
	go func() { results <- 1 }()
	<-results
}

// Each is waited for, or can be woken by who holds the variable.
var atStart = make(chan bool)

func init() {
	go collected()
	go func() { <-atStart }()
}

func TestMain(m *testing.M) {
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		<-stop
		close(stopped)
	}()
	code := m.Run()
	close(stop)
	<-stopped
	os.Exit(code)
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

func TestNested(t *testing.T) {
	t.Run("outer", func(t *testing.T) {
		t.Run("inner", func(t *testing.T) { collected() })
	})
}

// What is between the test and the goroutine has ended.
func TestGrandchild(t *testing.T) {
	var gone sync.WaitGroup
	gone.Add(1)
	go func() {
		defer gone.Done()
		collected()
	}()
	gone.Wait()
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

var over atomic.Bool

// The loops that go on end by it, as far as anybody can tell; those without an exit are package endless'.
func TestTicks(t *testing.T) {
	go func() {
		for range time.NewTicker(time.Millisecond).C {
			if over.Load() {
				return
			}
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
		for n := 0; !over.Load(); {
			ping <- n
			n = <-pong
		}
	}()
}

func BenchmarkCollected(b *testing.B) {
	for i := 0; i < b.N; i++ {
		collected()
	}
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
