// Makes one part of its memory large, by a command: "NAME MB" (or a count). "stats" is what the runtime counts of itself, once it
// has collected, unless it was told not to ("keep garbage"). Nothing in it leaks.
package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"

	"goshawk.test/programs/truth"
)

func main() {
	truth.Correct("memory", memory)
	truth.Main()
}

type node struct {
	next *node
	more [6]uintptr
}

var (
	nodes     *node
	blocks    [][]byte
	few       []*node
	mapped    [][]byte
	finalized []*node
	stop      = make(chan struct{})
	ended     sync.WaitGroup
	collects  = true
)

const mb = 1 << 20

func memory() {
	for name, f := range map[string]func(n int){
		"pointers":   func(n int) { nodes = chain(n * mb / 64) },
		"bytes":      addBlocks,
		"untouched":  func(n int) { blocks = append(blocks, make([]byte, n*mb)) },
		"garbage":    makeGarbage,
		"release":    release,
		"scatter":    scatter,
		"goroutines": startGoroutines,
		"end":        func(int) { close(stop); ended.Wait() },
		"map":        mapFile,
		"anonymous":  mapAnonymous,
		"finalizers": setFinalizers,
		"change":     change,
	} {
		truth.OnCommand(name, counted(f))
	}
	truth.OnCommand("stats", stats)
}

// With no collection under way afterwards.
func counted(f func(n int)) func(string) interface{} {
	return func(argument string) interface{} {
		n, err := strconv.Atoi(argument)
		if err != nil {
			panic(err)
		}
		f(n)
		if collects {
			runtime.GC()
		}
		return true
	}
}

func chain(length int) *node {
	var first *node
	for i := 0; i < length; i++ {
		first = &node{next: first, more: [6]uintptr{1}}
	}
	return first
}

func fill(block []byte) []byte {
	for i := range block {
		block[i] = byte(i) | 1
	}
	return block
}

func addBlocks(n int) {
	for i := 0; i < n; i++ {
		blocks = append(blocks, fill(make([]byte, mb)))
	}
}

func makeGarbage(n int) {
	debug.SetGCPercent(-1)
	collects = false
	before := runtime.NumGoroutine()
	go chain(n * mb / 64) // on a stack that is gone afterwards
	for runtime.NumGoroutine() > before {
		runtime.Gosched()
	}
}

// What was in use is free, and the kernel has not got it back yet.
func release(int) {
	nodes, blocks = nil, nil
	runtime.GC()
}

// One node of sixty stays, so that no page is free.
func scatter(n int) {
	all := make([]*node, n*mb/64)
	for i := range all {
		all[i] = &node{more: [6]uintptr{1}} // what is all zeros would not even be touched
	}
	for i := 0; i < len(all); i += 60 {
		few = append(few, all[i])
	}
	all = nil
	runtime.GC()
}

func startGoroutines(n int) {
	debug.SetGCPercent(-1)
	collects = false
	ended.Add(n)
	var ready sync.WaitGroup
	ready.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			ready.Done()
			deep(20)
			<-stop
			ended.Done()
		}()
	}
	ready.Wait()
}

//go:noinline
func deep(n int) int {
	var frame [30]int
	if n == 0 {
		return frame[n]
	}
	return deep(n-1) + frame[n]
}

func mapFile(n int) {
	file, err := os.CreateTemp("", "mapped")
	if err != nil {
		panic(err)
	}
	defer os.Remove(file.Name())
	if err := file.Truncate(int64(n * mb)); err != nil {
		panic(err)
	}
	add(syscall.Mmap(int(file.Fd()), 0, n*mb, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED))
	file.Close()
}

func mapAnonymous(n int) {
	add(syscall.Mmap(-1, 0, n*mb, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE))
}

func add(block []byte, err error) {
	if err != nil {
		panic(err)
	}
	mapped = append(mapped, fill(block))
}

// Each has a record of its own in the runtime's memory.
func setFinalizers(n int) {
	for i := 0; i < n; i++ {
		one := &node{}
		runtime.SetFinalizer(one, func(*node) {})
		finalized = append(finalized, one)
	}
}

func stats(string) interface{} {
	if collects {
		runtime.GC()
		runtime.GC()
	}
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	return map[string]uint64{
		"HeapAlloc": now.HeapAlloc, "HeapInuse": now.HeapInuse, "HeapIdle": now.HeapIdle, "HeapReleased": now.HeapReleased,
		"HeapObjects": now.HeapObjects, "StackInuse": now.StackInuse, "MSpanSys": now.MSpanSys, "MCacheSys": now.MCacheSys,
		"BuckHashSys": now.BuckHashSys, "GCSys": now.GCSys, "OtherSys": now.OtherSys,
	}
}
