// Package afterwards leaks when the test that started it all has ended.
package afterwards

import (
	"testing"

	"goshawk.example/testruns/forgotten"
)

var leak, leaked = make(chan bool), make(chan bool)

func TestStarterLeak(t *testing.T) {
	go func() {
		<-leak
		forgotten.Goroutine()
		close(leaked)
	}()
}

func TestAfterIt(t *testing.T) {
	close(leak)
	<-leaked
}
