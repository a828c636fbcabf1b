//go:build go1.24

package main

import (
	"time"
	"weak"
)

var weakTickers []weak.Pointer[time.Ticker]

func init() {
	unneeded["weakly"] = startWeakTickers
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
