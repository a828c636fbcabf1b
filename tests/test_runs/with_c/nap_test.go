package with_c

import (
	"testing"

	"goshawk.example/testruns/forgotten"
)

func TestNap(t *testing.T) { Nap() }

func TestNapAndLeak(t *testing.T) {
	Nap()
	forgotten.Goroutine()
}

// In C when all is over.
func TestNaps(t *testing.T) {
	go func() {
		for {
			Nap()
		}
	}()
}
