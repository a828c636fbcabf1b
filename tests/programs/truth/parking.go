package truth

// When does the program rest? One dump of the runtime, taken with the world stopped, shows every goroutine parked, all who
// were announced have declared themselves and none is inside a call that takes this package's lock.
// Then nothing moves any more that a timer, a system call or a command does not move.
// Dumping takes time in proportion to the goroutines (16 s for 100,000), so crowds are judged by their profile instead.

import (
	"bytes"
	"runtime"
	"strconv"
	"strings"
	"time"
)

const (
	crowd    = 3000
	patience = 60 * time.Second
)

var serving int64 // the goroutine that serves: it polls, so it runs

type dumped struct {
	state string // "chan receive", without minutes
	stack string
}

func dumpAll() []byte {
	for size := 1 << 20; ; size *= 2 {
		buffer := make([]byte, size)
		if n := runtime.Stack(buffer, true); n < size {
			return buffer[:n]
		}
	}
}

func readDump() map[int64]dumped {
	goroutines := map[int64]dumped{}
	for _, block := range strings.Split(string(dumpAll()), "\n\n") {
		head, stack, _ := strings.Cut(block, "\n")
		number, rest, ok := strings.Cut(strings.TrimPrefix(head, "goroutine "), " ")
		open, end := strings.IndexByte(rest, '['), strings.LastIndexByte(rest, ']')
		goid, err := strconv.ParseInt(number, 10, 64)
		if !ok || err != nil || open < 0 || end < open {
			continue
		}
		state, _, _ := strings.Cut(rest[open+1:end], ",")
		goroutines[goid] = dumped{state, stack}
	}
	return goroutines
}

func (d dumped) moves() bool {
	switch strings.TrimSuffix(d.state, " (scan)") {
	case "running", "runnable", "preempted", "copystack", "idle", "waiting", "???":
		return true
	}
	// It may wait for claimsLock, which its looker holds: main before it announced anybody, too.
	for _, locking := range []string{"truth.declare(", "truth.Expect(", "truth.OnWake("} {
		if strings.Contains(d.stack, locking) {
			return true
		}
	}
	return false
}

func rests() bool {
	claimsLock.Lock()
	defer claimsLock.Unlock()
	if len(claims) < announced {
		return false
	}
	if len(claims) > crowd {
		return crowdRests()
	}
	goroutines := readDump()
	for goid, d := range goroutines {
		if goid != serving && !claims[goid].Runs && d.moves() {
			return false
		}
	}
	for goid := range claims {
		if _, exists := goroutines[goid]; !exists {
			panic("truth: goroutine " + strconv.FormatInt(goid, 10) + " declared itself and ended")
		}
	}
	return true
}

// Every goroutine but the caller is inside gopark, and none in declare.
func crowdRests() bool {
	records := make([]runtime.StackRecord, runtime.NumGoroutine()+100)
	n, ok := runtime.GoroutineProfile(records)
	if !ok {
		return false
	}
	moving := 0
	for i := range records[:n] {
		stack := records[i].Stack()
		if nameOf(stack[0]) != "runtime.gopark" {
			moving++
		}
		for _, pc := range stack {
			if strings.HasSuffix(nameOf(pc), "truth.declare") {
				return false
			}
		}
	}
	return moving <= 1
}

func nameOf(returnAddress uintptr) string {
	if f := runtime.FuncForPC(returnAddress - 1); f != nil {
		return f.Name()
	}
	return ""
}

// poll asks again and again, ever more seldom, until the answer is yes or the time is over.
func poll(patience time.Duration, done func() bool) bool {
	deadline := time.Now().Add(patience)
	for pause := 50 * time.Microsecond; !done(); {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(pause)
		if pause < 20*time.Millisecond {
			pause *= 2
		}
	}
	return true
}

// AwaitGone returns when so many goroutines, the caller's and the runtime's own uncounted, are no more; false: they stay.
func AwaitGone(before, gone int) bool {
	return poll(patience, func() bool { return runtime.NumGoroutine() <= before-gone })
}

func awaitRest() {
	if !poll(patience, rests) {
		panic("truth: the program did not come to rest:\n" + string(bytes.TrimSpace(dumpAll())))
	}
}

// awaitWoken returns which of the goroutines that "wake" was to wake are still there, hopefully none.
func awaitWoken() []int64 {
	left := []int64{}
	poll(20*time.Second, func() bool {
		left = left[:0]
		goroutines := readDump()
		claimsLock.Lock()
		defer claimsLock.Unlock()
		for goid, claim := range claims {
			if _, exists := goroutines[goid]; exists && claim.Verdict == "wakes" {
				left = append(left, goid)
			}
		}
		return len(left) == 0
	})
	return left
}
