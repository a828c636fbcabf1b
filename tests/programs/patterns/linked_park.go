package main

// Some packages (gVisor's, hence Tailscale) link to runtime.gopark by name, and park with a wait reason of their choice: it
// looks like a select among nil channels, but whoever knows the g wakes it. Nothing of the heap leads there.

import (
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe"

	"goshawk.test/programs/truth"
)

func init() { truth.Correct("linked_park", linkedPark) }

//go:linkname gopark runtime.gopark
func gopark(unlock func(g, lock unsafe.Pointer) bool, lock unsafe.Pointer, reason, trace uint8, skip int)

//go:linkname goready runtime.goready
func goready(g unsafe.Pointer, skip int)

// runtime.waitReason of: select, select (no cases), receive and send on nil channels, receive.
func borrowedReasons() []uint8 {
	number, _, _ := strings.Cut(strings.TrimPrefix(runtime.Version(), "go1."), ".")
	if minor, err := strconv.Atoi(number); err == nil && minor < 26 {
		return []uint8{9, 10, 3, 4, 14}
	}
	return []uint8{18, 17, 15, 16, 19}
}

var parkedAs [5]uintptr // gs, as numbers

//go:nosplit
//go:norace
func noteParked(g, place unsafe.Pointer) bool {
	atomic.StoreUintptr((*uintptr)(place), uintptr(g))
	return true
}

func linkedPark() {
	reasons := borrowedReasons()
	truth.Expect(len(reasons))
	for i, reason := range reasons {
		go func(place *uintptr, reason uint8) {
			truth.Wakes()
			gopark(noteParked, unsafe.Pointer(place), reason, 0, 0)
		}(&parkedAs[i], reason)
	}
	truth.OnWake(func() {
		for i := range parkedAs {
			goready(*(*unsafe.Pointer)(unsafe.Pointer(&parkedAs[i])), 0)
		}
	})
}
