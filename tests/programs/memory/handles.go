//go:build go1.23

package main

import (
	"strconv"
	"strings"
	"unique"
)

type corner struct{ x, y int }

// A stripped program does not tell the types of its variables, but what is in an interface.
var held interface{}

type handles struct {
	texts   []unique.Handle[string]
	corners []unique.Handle[corner]
}

func init() { keepers["unique"] = makeHandles }

// Of every second text the handle is dropped again; each is made twice.
func makeHandles(n int) interface{} {
	all := new(handles)
	for i := 0; i < 2*n; i++ {
		text := unique.Make(strconv.Itoa(i/2) + strings.Repeat("x", 100))
		if i%4 == 0 {
			all.texts = append(all.texts, text)
		}
		all.corners = append(all.corners, unique.Make(corner{i / 2, i / 2}))
	}
	held = all
	return true
}
