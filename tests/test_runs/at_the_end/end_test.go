// Package at_the_end leaks in its last test, which does not wait until what it starts has begun.
package at_the_end

import "testing"

func TestLastLeak(t *testing.T) {
	results := make(chan int)
	go func() { results <- 1 }()
}
