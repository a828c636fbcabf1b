//go:build go1.24

package main

import (
	"runtime"
	"time"
	"weak"
)

var weakTickers []weak.Pointer[time.Ticker]

func init() {
	unneeded["cleanups"] = blockCleanups
	unneeded["weakly"] = startWeakTickers
}

// One cleanup waits for ever, so many are due behind it; in the twin all have run.
func blockCleanups(n int, fixed bool) {
	entered, ended := make(chan bool), make(chan bool, n)
	runtime.AddCleanup(&record{id: -1}, func(entered chan bool) {
		close(entered)
		if !fixed {
			<-blocked
		}
	}, entered)
	runtime.GC()
	<-entered
	for i := 0; i < n; i++ {
		runtime.AddCleanup(&record{id: i}, func(head []byte) { ended <- true }, make([]byte, 1000))
	}
	runtime.GC()
	for i := 0; fixed && i < n; i++ {
		<-ended
	}
}

// Whoever has a weak pointer to it can stop a ticker.
func startWeakTickers(n int, fixed bool) {
	for i := 0; i < n; i++ {
		ticker := time.NewTicker(time.Hour)
		weakTickers = append(weakTickers, weak.Make(ticker))
		if fixed {
			ticker.Stop()
		}
	}
}
