// Package leaks has tests that leak: each that has Leak in its name leaks one goroutine, and no other test does.
package leaks

import (
	"fmt"
	"os"
	"sync"
	"testing"

	"goshawk.example/testruns/forgotten"
)

func TestPlainLeak(t *testing.T) { forgotten.Goroutine() }

func TestPlain(t *testing.T) {
	results := make(chan int)
	go func() { results <- 1 }()
	<-results
}

// The goroutines in between have ended.
func TestGrandchildLeak(t *testing.T) {
	var gone sync.WaitGroup
	gone.Add(1)
	go func() {
		defer gone.Done()
		var inner sync.WaitGroup
		inner.Add(1)
		go func() {
			defer inner.Done()
			forgotten.Goroutine()
		}()
		inner.Wait()
	}()
	gone.Wait()
}

func TestParallelOneLeak(t *testing.T) {
	t.Parallel()
	forgotten.Goroutine()
}

func TestParallelTwoLeak(t *testing.T) {
	t.Parallel()
	forgotten.Goroutine()
}

func TestParallelThree(t *testing.T) {
	t.Parallel()
	TestPlain(t)
}

func TestTableLeak(t *testing.T) {
	for i := 0; i < 4; i++ {
		i := i
		t.Run(fmt.Sprint("case", i), func(t *testing.T) {
			t.Parallel()
			if i == 2 {
				forgotten.Goroutine()
			}
		})
	}
}

func TestNestedLeak(t *testing.T) {
	t.Run("outer", func(t *testing.T) {
		t.Run("inner", func(t *testing.T) { runInside(t, forgotten.Goroutine) })
	})
}

func runInside(t *testing.T, what func()) {
	t.Run("innermost", func(t *testing.T) { what() })
}

// What is cleaned up when the test has ended is no leak.
func TestCleanedUp(t *testing.T) {
	stop, stopped := make(chan bool), make(chan bool)
	go func() {
		<-stop
		close(stopped)
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
	})
}

// What somebody can still wake is none either.
var wake = make(chan bool)

func TestServiceOfAGlobal(t *testing.T) {
	go func() { <-wake }()
}

func TestReadsItsInput(t *testing.T) {
	if _, err := os.Stdin.Stat(); err != nil {
		t.Error(err)
	}
}

func FuzzSeedLeak(f *testing.F) {
	f.Add(1)
	f.Add(2)
	f.Fuzz(func(t *testing.T, number int) {
		if number == 2 {
			forgotten.Goroutine()
		}
	})
}

func BenchmarkOnceLeak(b *testing.B) {
	if b.N == 1 {
		forgotten.Goroutine()
	}
}

func Example_leak() {
	forgotten.Goroutine()
	fmt.Println("leaked")
	// Output: leaked
}
