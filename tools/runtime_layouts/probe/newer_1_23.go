//go:build go1.23 && !go1.24

package main

import (
	"iter"
	"runtime"
	"unique"
)

func newer(n *node) {
	var p runtime.Pinner
	p.Pin(n)
	next, stop := iter.Pull(func(yield func(*node) bool) { yield(n) })
	defer stop()
	got, _ := next()
	keep = append(keep, unique.Make(got.name))
}
