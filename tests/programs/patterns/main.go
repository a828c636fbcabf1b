// The patterns of leaked goroutines, each with its correct twin. `go run ./patterns blocked_receive leaky`.
package main

import "goshawk.test/programs/truth"

func main() { truth.Main() }

// A holder has pointers, so that it never shares a slot with a stranger (tiny allocator): reachability is decidable.
type holder struct {
	ch   chan int
	next *holder
}

// keep lets the compiler neither drop v nor know what becomes of it.
//
//go:noinline
func keep(v interface{}) { kept = v; kept = nil }

var kept interface{}
