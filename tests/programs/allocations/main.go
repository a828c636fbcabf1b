// A program that allocates in many ways, some of it kept, and writes its own memory profile when it is told to. With
// RATE=1 every allocation is in that; without, some are. (Go 1.19 does not obey GODEBUG=memprofilerate.)
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sort"
	"strconv"
	"strings"

	"goshawk.test/programs/truth"
)

func init() {
	if rate, err := strconv.Atoi(os.Getenv("RATE")); err == nil {
		runtime.MemProfileRate = rate
	}
}

func main() {
	truth.Program("allocations", allocations)
	truth.Main()
}

type node struct {
	next  *node
	bytes [1000]byte
}

type pair[K comparable, V any] struct {
	key   K
	value V
	more  [200]byte
}

type maker interface{ make(n int) []byte }

type large struct{ scale int }

func (l large) make(n int) []byte { return make([]byte, n*l.scale) }

var kept struct {
	nodes  *node
	slices [][]byte
	pairs  []*pair[string, int]
	tables map[int]string
	text   string
}

// Inlined into whoever calls it, and that into its own caller.
func leaf(n int) []byte  { return make([]byte, n) }
func inner(n int) []byte { return leaf(n + 1) }

//go:noinline
func newPair[K comparable, V any](key K, value V) *pair[K, V] {
	return &pair[K, V]{key: key, value: value}
}

//go:noinline
func deep(levels int) *node {
	if levels == 0 {
		return &node{}
	}
	return deep(levels - 1)
}

func chain(count int) {
	for i := 0; i < count; i++ {
		kept.nodes = &node{next: kept.nodes}
	}
}

func fill() {
	chain(4000)
	for i := 0; i < 2000; i++ {
		kept.slices = append(kept.slices, inner(1000))
		_ = append(inner(3000), 1) // garbage, like some of the others
		kept.pairs = append(kept.pairs, newPair("key", i), newPair("other", i))
	}
	kept.tables = map[int]string{}
	for i := 0; i < 20000; i++ {
		kept.tables[i] = strings.Repeat("x", i%64)
	}
	var some maker = large{3}
	var pointer maker = &large{5}
	for i := 0; i < 500; i++ {
		kept.slices = append(kept.slices, some.make(800), pointer.make(700))
		deep(i % 50).next = kept.nodes
	}
	var text strings.Builder
	for i := 0; i < 100000; i++ {
		text.WriteString("some text")
	}
	kept.text = text.String()
	sort.Slice(kept.slices, func(i, j int) bool { return len(leaf(i)) < len(leaf(j)) })
}

// No collection after the first two: what is published then stays, and the profile can be compared.
func allocations(bool) {
	done := make(chan bool)
	go func() { fill(); close(done) }()
	<-done
	truth.OnCommand("collect", func(string) interface{} {
		runtime.GC()
		runtime.GC()
		debug.SetGCPercent(-1)
		return runtime.MemProfileRate
	})
	truth.OnCommand("heapprofile", func(path string) interface{} {
		file, err := os.Create(path)
		if err != nil {
			panic(err)
		}
		defer file.Close()
		if err := pprof.WriteHeapProfile(file); err != nil {
			panic(err)
		}
		return true
	})
}
