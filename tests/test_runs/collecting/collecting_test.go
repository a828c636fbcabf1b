// Package collecting leaks in one test, and never stops collecting since another one.
package collecting

import (
	"runtime"
	"sync/atomic"
	"testing"

	"goshawk.example/testruns/forgotten"
)

func TestFiveTimesLeak(t *testing.T) {
	for i := 0; i < 5; i++ {
		forgotten.Goroutine()
	}
}

var over atomic.Bool // or it would be a loop without an exit

func TestCollectsWithoutEnd(t *testing.T) {
	go func() {
		for !over.Load() {
			runtime.GC()
		}
	}()
}
