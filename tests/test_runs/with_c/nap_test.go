package with_c

import (
	"sync/atomic"
	"testing"

	"goshawk.example/testruns/forgotten"
)

func TestNap(t *testing.T) { Nap() }

func TestNapAndLeak(t *testing.T) {
	Nap()
	forgotten.Goroutine()
}

var awake atomic.Bool

// In C when all is over.
func TestNaps(t *testing.T) {
	go func() {
		for !awake.Load() {
			Nap()
		}
	}()
}
