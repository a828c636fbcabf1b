//go:build go1.21

package main

import "runtime"

var pinner runtime.Pinner

func init() {
	more = append(more, func() {
		for i := 0; i < 20; i++ {
			one := own()
			pinner.Pin(one)
			pinner.Pin(one) // from the second time on it is counted
		}
	})
}
