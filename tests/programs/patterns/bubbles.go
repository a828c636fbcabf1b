//go:build go1.25 && !lean

package main

// A testing/synctest bubble has timers of its own, which are in no P's heap. Its clock stands still while one of its
// goroutines waits for something outside of the bubble.

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"goshawk.test/programs/truth"
)

func init() { truth.Correct("bubble_timers", bubbleTimers) }

func bubbleTimers() {
	truth.Expect(3)
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	truth.OnWake(func() { writer.Close() })
	bubble := func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			viaTimer, viaFunc := time.NewTimer(long), make(chan *holder)
			time.AfterFunc(long, func() { close(viaFunc) })
			go func() {
				truth.Wakes()
				<-viaTimer.C
			}()
			go func() {
				truth.Wakes()
				<-viaFunc
			}()
			truth.Wakes()
			reader.Read(make([]byte, 1))
			time.Sleep(2 * long) // of the bubble's time
		})
		select {} // testing.Main would end the process
	}
	os.Args = os.Args[:1] // testing.Main reads flags there
	go testing.Main(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "Bubble", F: bubble}}, nil, nil)
}
