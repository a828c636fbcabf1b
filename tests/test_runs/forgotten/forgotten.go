// Package forgotten starts goroutines that wait for ever.
package forgotten

import (
	"bytes"
	"runtime"
)

// Goroutine returns once what it started waits, so that no test ends too early for it. Nothing in its name or
// stack says who called it.
func Goroutine() {
	results, headers := make(chan int), make(chan []byte)
	go func() {
		headers <- header()
		results <- 1
	}()
	own := append(<-headers, "[chan send"...)
	for !bytes.Contains(stacks(), own) {
		runtime.Gosched()
	}
}

// "goroutine 7 ", of the caller.
func header() []byte {
	text := make([]byte, 64)
	text = text[:runtime.Stack(text, false)]
	return text[:bytes.IndexByte(text, '[')]
}

func stacks() []byte {
	text := make([]byte, 1<<20)
	return text[:runtime.Stack(text, true)]
}
