// Package truth lets a test program say what is true of its own goroutines, so that a tool that looks at it from
// outside can be judged.
//
// A goroutine declares itself, as the first thing it does, by one of
//
//	Leaked(rule)     it will never run again, and everything needed to prove it is there
//	Wakes()          it is blocked, but the command "wake" makes it run and end: proving it leaked is false
//	Alive()          it may run again: proving it leaked is false
//	Runs()           the same, and it never comes to rest by design
//	Undecided(rule)  it is leaked, but facts outside of the program's hands (a tiny slot's neighbour) may hide that
//	Parked()         it never runs again, on purpose (main waiting for ever)
//
// What declares nothing must not be proven either. Declaring allocates nothing that the goroutine keeps: no channel or lock
// of the goroutine comes near this package, which could keep it alive.
//
// Main runs the program that the command line names, waits until all of them are parked where they belong, without any sleep
// of a fixed length, prints one line of JSON ({"ready": true, ...}) and obeys commands from standard input, a line each,
// with one line of JSON as answer.
package truth

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
)

// What one goroutine said of itself.
type Claim struct {
	Goid    int64    `json:"goid"`
	Verdict string   `json:"verdict"`
	Rules   []string `json:"rules,omitempty"` // any of these is right
	Runs    bool     `json:"runs,omitempty"`  // and never comes to rest
}

var (
	claimsLock sync.Mutex
	claims     = map[int64]Claim{}
	announced  int   // by Expect
	entering   int32 // who may wait for claimsLock
	numbered   int64 // by Goid
)

// Wake is closed by the command "wake": whatever is to be woken waits for it, directly or through others.
var Wake = make(chan struct{})

var onWake []func()

// OnWake has f called by the command "wake", on a goroutine of its own. What f refers to is reachable until then.
func OnWake(f func()) {
	lockClaims()
	onWake = append(onWake, f)
	claimsLock.Unlock()
}

func lockClaims() {
	atomic.AddInt32(&entering, 1)
	claimsLock.Lock()
	atomic.AddInt32(&entering, -1)
}

// Expect says that n more goroutines will declare themselves; Serve waits for them.
func Expect(n int) {
	lockClaims()
	announced += n
	claimsLock.Unlock()
}

func Leaked(rules ...string)    { declare("leaked", rules, false) }
func Wakes()                    { declare("wakes", nil, false) }
func Alive()                    { declare("alive", nil, false) }
func Runs()                     { declare("alive", nil, true) }
func Undecided(rules ...string) { declare("undecided", rules, false) }
func Parked()                   { declare("parked", nil, false) }

// Goid returns the number of the calling goroutine, as its own stack dump gives it. A runtime whose printing an obfuscator
// removed gives none: then it is only a number that no other caller has.
func Goid() int64 {
	var buffer [64]byte
	line := buffer[:runtime.Stack(buffer[:], false)]
	if len(line) == 0 {
		return atomic.AddInt64(&numbered, 1)
	}
	line = bytes.TrimPrefix(line, []byte("goroutine "))
	digits := line[:bytes.IndexByte(line, ' ')]
	goid, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		panic(fmt.Sprintf("truth: no goroutine number in %q", line))
	}
	return goid
}

func declare(verdict string, rules []string, runs bool) {
	goid := Goid()
	lockClaims()
	defer claimsLock.Unlock()
	if _, twice := claims[goid]; twice {
		panic("truth: a goroutine declared itself twice")
	}
	claims[goid] = Claim{Goid: goid, Verdict: verdict, Rules: rules, Runs: runs}
}
