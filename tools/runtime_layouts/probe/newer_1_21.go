//go:build go1.21 && !go1.23

package main

import "runtime"

func newer(n *node) {
	var p runtime.Pinner
	p.Pin(n)
}
