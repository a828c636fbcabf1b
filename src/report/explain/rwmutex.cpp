// An RWMutex whose owner never unlocks.
// The text of `goshawk explain rwmutex`; the Go programs are compiled by explanation_test.cpp.
#include "report/explain/explanation.h"

namespace goshawk::report {

const Explanation kRWMutexExplanation = {
    .rule = "goroutine/rwmutex",
    .why =
        "As with a mutex: a path without RUnlock or Unlock. There is one more trap: a second "
        "RLock in the same goroutine waits when a writer came in between, the writer waits for "
        "the first RLock, and both wait for ever.",
    .wrong = R"go(package main

import "sync"

type Config struct {
	mu     sync.RWMutex
	values map[string]string
}

func (c *Config) Get(key string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.values[key]
}

func (c *Config) Both(a, b string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.Get(a) + c.Get(b) // a second RLock: waits behind a writer
}

func (c *Config) Set(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[key] = value
}

func main() {
	c := &Config{values: map[string]string{}}
	go c.Set("a", "1")
	c.Both("a", "b")
}
)go",
    .right = R"go(package main

import "sync"

type Config struct {
	mu     sync.RWMutex
	values map[string]string
}

// get needs the lock to be held.
func (c *Config) get(key string) string { return c.values[key] }

func (c *Config) Both(a, b string) string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.get(a) + c.get(b)
}

func (c *Config) Set(key, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[key] = value
}

func main() {
	c := &Config{values: map[string]string{}}
	go c.Set("a", "1")
	c.Both("a", "b")
}
)go",
    .mend =
        "Lock in the exported methods only, and let them call unexported ones that expect the "
        "lock to be held. Unlock by defer.",
    .releases =
        "Every Go release. The runtime says 'sync.RWMutex.RLock' and 'sync.RWMutex.Lock' since "
        "Go 1.20, 'semacquire' before.",
    .certainty =
        "Proven: Goshawk shows that no live goroutine, global, timer or finalizer can reach the "
        "lock. Two goroutines that wait for each other on a lock that only they hold are proven "
        "together. Likely: the lock can be reached, but a goroutine that has it locked, by the "
        "code in which it stands, never runs again, or waits for such a lock itself. Suspected: "
        "whoever else waits for a minute or more.",
};

}  // namespace goshawk::report
