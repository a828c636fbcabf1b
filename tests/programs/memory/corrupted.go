package main

// Writes by unsafe what the runtime never would into maps, slices, channels, interfaces, closures and the allocator's headers, each
// kind by its command. Nothing of it is used again, and nothing is collected.

import (
	"fmt"
	"runtime/debug"
	"unsafe"

	"goshawk.test/programs/truth"
)

type entry struct {
	name  string
	next  *entry
	index map[string]*entry
	bytes []byte
	queue chan *entry
	value interface{}
	call  func() string
}

type large struct{ entries [1 << 10]*entry }

type words [12]uint64

var (
	entries []*entry
	larges  []*large
)

const garbage = 0x4141414141414141

// What is written where: by these functions in turn.
var corruptions = map[string][]func(e *entry){
	"maps": {
		func(e *entry) { at(mapOf(e))[0] = 1 << 62 },
		func(e *entry) { at(mapOf(e))[1] = ^uint64(0) },
		func(e *entry) { at(mapOf(e))[2] = address(mapOf(e)) }, // its own storage
		func(e *entry) { at(mapOf(e))[3] = 1 << 40 },
		func(e *entry) { spoil(at(mapOf(e))[:5]) },
	},
	"slices": {
		func(e *entry) { at(unsafe.Pointer(&e.bytes))[1] = 1 << 60 },
		func(e *entry) { at(unsafe.Pointer(&e.bytes))[2] = 1 << 60 },
		func(e *entry) { spoil(at(unsafe.Pointer(&e.bytes))[1:3]) },
		func(e *entry) { at(unsafe.Pointer(&e.name))[1] = 1 << 63 },
		func(e *entry) { at(unsafe.Pointer(&e.bytes))[0] += 50 },
	},
	"channels": {
		func(e *entry) { spoil(at(channelOf(e))[:2]) },
		func(e *entry) { at(channelOf(e))[2] = address(channelOf(e)) }, // its own buffer
		func(e *entry) { spoil(at(channelOf(e))[3:5]) },                // its elements' size and type
		func(e *entry) { at(channelOf(e))[7] = address(channelOf(e)) }, // who waits
		func(e *entry) { at(channelOf(e))[0] = 1 << 40 },
	},
	"interfaces": {
		func(e *entry) { at(unsafe.Pointer(&e.value))[0] = garbage },
		func(e *entry) { at(unsafe.Pointer(&e.value))[0] = address(unsafe.Pointer(e)) },
		func(e *entry) { at(unsafe.Pointer(&e.value))[0] += 8 },
		func(e *entry) { at(unsafe.Pointer(&e.value))[0] = 0 },
		func(e *entry) { at(unsafe.Pointer(&e.value))[0] = address(unsafe.Pointer(&entries)) },
	},
	"closures": {
		func(e *entry) { at(*(*unsafe.Pointer)(unsafe.Pointer(&e.call)))[0] = garbage },
		func(e *entry) { at(*(*unsafe.Pointer)(unsafe.Pointer(&e.call)))[0]++ },
	},
	"headers": { // since 1.22 before the value
		func(e *entry) { addLarge(garbage) },
		func(e *entry) { addLarge(address(unsafe.Pointer(&entries))) },
	},
}

func init() {
	truth.Correct("corrupted", func() {
		debug.SetGCPercent(-1)
		for i := 0; i < 1000; i++ {
			addEntry(i)
		}
		for kind, ways := range corruptions {
			ways := ways
			truth.OnCommand(kind, func(string) interface{} {
				for i, e := range entries {
					if i%10 == 0 {
						ways[i/10%len(ways)](e)
					}
				}
				return len(entries)
			})
		}
	})
}

func addEntry(i int) {
	e := &entry{name: fmt.Sprint("entry-", i), index: map[string]*entry{}, bytes: make([]byte, 100), queue: make(chan *entry, 5)}
	for k := 0; k < 12; k++ {
		e.index[fmt.Sprint(i, k)] = e
	}
	e.queue <- e
	e.value = e
	e.call = func() string { return e.name }
	if i > 0 {
		e.next = entries[i-1]
	}
	entries = append(entries, e)
}

func addLarge(header uint64) {
	l := &large{}
	l.entries[0] = entries[0]
	larges = append(larges, l)
	*(*uint64)(unsafe.Pointer(uintptr(unsafe.Pointer(l)) &^ 15)) = header
}

func mapOf(e *entry) unsafe.Pointer     { return *(*unsafe.Pointer)(unsafe.Pointer(&e.index)) }
func channelOf(e *entry) unsafe.Pointer { return *(*unsafe.Pointer)(unsafe.Pointer(&e.queue)) }
func at(p unsafe.Pointer) *words        { return (*words)(p) }
func address(p unsafe.Pointer) uint64   { return uint64(uintptr(p)) }

func spoil(into []uint64) {
	for i := range into {
		into[i] = garbage
	}
}
