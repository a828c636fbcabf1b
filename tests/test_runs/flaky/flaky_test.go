// Package flaky has a test that leaks now and then, as luck will have it: it says so when it does.
package flaky

import (
	"fmt"
	"math/rand"
	"os"
	"testing"
	"time"
)

var luck = rand.New(rand.NewSource(time.Now().UnixNano() + int64(os.Getpid())))

func fetch(capacity int, leaks string) {
	results, started := make(chan int, capacity), make(chan bool)
	go func() {
		close(started)
		results <- 1
	}()
	<-started
	if luck.Intn(4) == 0 {
		fmt.Println(leaks)
		return // the result came too late
	}
	<-results
}

func TestSometimesLeak(t *testing.T) { fetch(0, "it leaks") }

func TestSometimes(t *testing.T) { fetch(1, "it does not") }
