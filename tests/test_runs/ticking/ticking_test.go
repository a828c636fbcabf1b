// Package ticking has caches whose cleaners a ticker wakes: one that nobody closes goes on for ever.
package ticking

import (
	"testing"
	"time"
)

type cache struct {
	entries map[string]int
	closed  chan struct{}
	evicted chan string
}

func newCache() *cache {
	c := &cache{entries: map[string]int{"a": 1}, closed: make(chan struct{}), evicted: make(chan string)}
	started := make(chan struct{})
	go c.log()
	go func() {
		ticker := time.NewTicker(time.Hour)
		defer ticker.Stop()
		close(started)
		for {
			select {
			case <-ticker.C:
				c.clean()
			case <-c.closed:
				close(c.evicted)
				return
			}
		}
	}()
	<-started
	return c
}

func (c *cache) clean() {
	for key := range c.entries {
		delete(c.entries, key)
		c.evicted <- key
	}
}

// log waits for the cleaner.
func (c *cache) log() {
	for range c.evicted {
	}
}

var kept *cache

func TestDroppedLeaks(t *testing.T) { newCache() }

func TestClosed(t *testing.T) { close(newCache().closed) }

func TestKept(t *testing.T) { kept = newCache() }

func Example_leak() {
	newCache()
	// Output:
}
