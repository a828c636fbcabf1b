// Package under_main leaks in its TestMain and in a test under it.
package under_main

import (
	"os"
	"testing"

	"goshawk.example/testruns/forgotten"
)

func TestMain(m *testing.M) {
	forgotten.Goroutine()
	os.Exit(m.Run())
}

func TestOneLeak(t *testing.T) { forgotten.Goroutine() }

func TestOther(t *testing.T) {}
