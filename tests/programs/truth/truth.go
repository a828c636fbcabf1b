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
//	Likely(holder, rule)    it is leaked, but something that lives still reaches what it waits for: a holder that wakes nobody
//	Growing(why, rule)      it is leaked, but may run again as far as memory tells: one picture makes it suspected at most, several in
//	                        which there are more and more of it make it likely; the command "grow" plants its program once more, and
//	                        those with a Likely one (but see Once and LatestIsHeld)
//
// To prove one of the last two is false. Of a goroutine that a library starts, Foreign says what is true.
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
	Program string   `json:"program"`
	Verdict string   `json:"verdict"`
	Rules   []string `json:"rules,omitempty"`  // any of these is right, the first one says it best
	Holder  Holder   `json:"holder,omitempty"` // of a likely one: by which rule it can be told
	Why     string   `json:"why,omitempty"`    // of one that cannot be told by one picture
	Runs    bool     `json:"runs,omitempty"`   // and never comes to rest
}

// A Holder is a way in which something that lives reaches what a goroutine waits for, and yet will never wake it.
type Holder string

const (
	AppendOnlyRegistry Holder = "append-only registry" // a collection that is added to, and that nobody reads
	ContextChildren    Holder = "context's children"   // a context that outlives its child knows the child, to cancel it some day
	OwnerLeaked        Holder = "owner is leaked"      // only another leaked goroutine has it, on its stack or locked
	FinalizerNotRun    Holder = "finalizer not run"    // it would, but its object is held by who waits
	TimerFired         Holder = "timer already fired"  // its function will not be called again
	ParentReturned     Holder = "parent has returned"  // who was to use it has returned and left it in something long-lived
)

var (
	claimsLock sync.Mutex
	claims     = map[int64]Claim{}
	announced  int    // by Expect
	planting   string // the program whose goroutines declare themselves now
	entering   int32  // who may wait for claimsLock
	numbered   int64  // by Goid
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

func Leaked(rules ...string)    { declare(Claim{Verdict: "leaked", Rules: rules}) }
func Wakes()                    { declare(Claim{Verdict: "wakes"}) }
func Alive()                    { declare(Claim{Verdict: "alive"}) }
func Runs()                     { declare(Claim{Verdict: "alive", Runs: true}) }
func Undecided(rules ...string) { declare(Claim{Verdict: "undecided", Rules: rules}) }
func Parked()                   { declare(Claim{Verdict: "parked"}) }

func Likely(holder Holder, rules ...string) {
	declare(Claim{Verdict: "likely", Holder: holder, Rules: rules})
}

func Growing(why string, rules ...string) {
	declare(Claim{Verdict: "growing", Why: why, Rules: rules})
}

// GrowingRuns is Growing of one that never comes to rest.
func GrowingRuns(why string, rules ...string) {
	declare(Claim{Verdict: "growing", Why: why, Rules: rules, Runs: true})
}

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

func declare(claim Claim) {
	claim.Goid = Goid()
	lockClaims()
	defer claimsLock.Unlock()
	record(claim)
}

func record(claim Claim) {
	if _, twice := claims[claim.Goid]; twice {
		panic("truth: a goroutine declared itself twice")
	}
	claim.Program = planting
	claims[claim.Goid] = claim
}
