// Package at_start leaks before any test runs.
package at_start

import (
	"testing"

	"goshawk.example/testruns/forgotten"
)

func init() { forgotten.Goroutine() }

func TestNothing(t *testing.T) {}
