//go:build go1.24

package main

import (
	"fmt"
	"runtime"
	"unique"
	"weak"
)

func init() {
	more = append(more, func() {
		for i := 0; i < 50; i++ {
			one, other := own(), own()
			runtime.AddCleanup(one, func(m *mixed) { other.say(); m.say() }, own())
			hold(one, weak.Make(pool[i]), unique.Make(fmt.Sprint("one of its kind: ", i)))
		}
	})
}
