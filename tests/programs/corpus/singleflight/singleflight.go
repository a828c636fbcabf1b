// Package singleflight does what the package of that name in golang.org/x/sync promises: who asks for a key that is already being
// asked for waits for that answer. A call is in the group's map until it has returned.
package singleflight

import "sync"

type call struct {
	done  sync.WaitGroup
	value interface{}
	err   error
}

type Group struct {
	mu    sync.Mutex
	calls map[string]*call
}

func (g *Group) Do(key string, f func() (interface{}, error)) (interface{}, error) {
	g.mu.Lock()
	if running, is := g.calls[key]; is {
		g.mu.Unlock()
		running.done.Wait()
		return running.value, running.err
	}
	c := &call{}
	c.done.Add(1)
	if g.calls == nil {
		g.calls = map[string]*call{}
	}
	g.calls[key] = c
	g.mu.Unlock()

	c.value, c.err = f()
	c.done.Done()
	g.mu.Lock()
	delete(g.calls, key)
	g.mu.Unlock()
	return c.value, c.err
}
