package truth

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strings"
)

type answer map[string]interface{}

var (
	collectFirst bool
	onceAtRest   = func() {}
)

// CollectFirst has two collections run before the program says that it is ready.
func CollectFirst() { collectFirst = true }

var ownCommands = map[string]func(argument string) interface{}{}

// OnCommand has f answer the command "name ARGUMENT": by {"did": what it returns}. What f refers to is reachable.
func OnCommand(name string, f func(argument string) interface{}) { ownCommands[name] = f }

// plant runs a program to its end on a goroutine of its own, so that no stale word of it stays on the caller's stack, and waits
// until all that it announced have declared themselves: who declares himself next is of the next program.
func plant(name string, fixed bool) {
	planting = name
	noteStrangers()
	done := make(chan struct{})
	go func() {
		defer close(done)
		programs[name].run(fixed)
	}()
	<-done
	if !poll(patience, func() bool { return claimForeign() && allDeclared() }) {
		panic("truth: not all of " + name + " declared themselves:\n" + string(bytes.TrimSpace(dumpAll())))
	}
}

func allDeclared() bool {
	claimsLock.Lock()
	defer claimsLock.Unlock()
	return len(claims) >= announced
}

// OnceAtRest has f called when the program has come to rest, right before it says that it is ready.
func OnceAtRest(f func()) { onceAtRest = f }

// serve waits for the program to rest, says so, and obeys until it is told to quit or its input ends.
// Between commands the calling goroutine is in a blocking read, which leaves the program at rest.
func serve() {
	serving = Goid()
	awaitRest()
	if collectFirst {
		runtime.GC()
		runtime.GC()
		awaitRest()
	}
	onceAtRest()
	say(answer{"ready": true, "pid": os.Getpid(), "go": runtime.Version(), "serving": serving, "claims": sortedClaims()})
	obey()
}

func obey() {
	commands := bufio.NewReaderSize(os.Stdin, 4096)
	for {
		line, err := commands.ReadString('\n')
		if err != nil {
			os.Exit(0)
		}
		command, argument, _ := strings.Cut(strings.TrimSpace(line), " ")
		say(obeyOne(command, argument))
		if command == "quit" {
			os.Exit(0)
		}
	}
}

func obeyOne(command, argument string) answer {
	switch command {
	case "ping":
		return answer{"pong": true}
	case "gc":
		runtime.GC()
		runtime.GC()
		return answer{"collected": true}
	case "dump":
		return answer{"dump": string(dumpAll())}
	case "leakprofile":
		return leakProfile()
	case "goroutineprofile":
		return goroutineProfile(argument)
	case "grow":
		grow()
		return answer{"claims": sortedClaims()}
	case "wake":
		wake()
		return answer{"left": awaitWoken()}
	case "quit":
		return answer{"bye": true}
	}
	if own := ownCommands[command]; own != nil {
		return answer{"did": own(argument)}
	}
	return answer{"error": "unknown command " + command}
}

// leakProfile has the runtime itself judge (Go 1.27, or 1.26 built with the experiment); null elsewhere.
func leakProfile() answer {
	profile := pprof.Lookup("goroutineleak")
	if profile == nil {
		return answer{"leakprofile": nil}
	}
	var text bytes.Buffer
	if err := profile.WriteTo(&text, 2); err != nil {
		return answer{"error": err.Error()}
	}
	return answer{"leakprofile": text.String()}
}

func goroutineProfile(path string) answer {
	file, err := os.Create(path)
	if err != nil {
		return answer{"error": err.Error()}
	}
	defer file.Close()
	if err := pprof.Lookup("goroutine").WriteTo(file, 0); err != nil {
		return answer{"error": err.Error()}
	}
	return answer{"written": path}
}

// grow plants those programs once more that leak what memory does not prove; a correct twin has none.
func grow() {
	growing := map[string]bool{}
	for _, claim := range sortedClaims() {
		unproven := claim.Verdict == "growing" || claim.Verdict == "likely"
		growing[claim.Program] = growing[claim.Program] || unproven && !programs[claim.Program].once
	}
	for name, grows := range growing {
		if grows {
			if programs[name].latest {
				nobodyHolds(name)
			}
			plant(name, false)
		}
	}
	awaitRest()
}

func nobodyHolds(program string) {
	lockClaims()
	defer claimsLock.Unlock()
	for goid, claim := range claims {
		if claim.Program == program && claim.Verdict == "likely" {
			claim.Verdict, claim.Holder = "leaked", ""
			claims[goid] = claim
		}
	}
}

func wake() {
	close(Wake)
	for _, f := range onWake {
		go f()
	}
}

func sortedClaims() []Claim {
	claimsLock.Lock()
	defer claimsLock.Unlock()
	sorted := make([]Claim, 0, len(claims))
	for _, claim := range claims {
		sorted = append(sorted, claim)
	}
	sort.Slice(sorted, func(i, j int) bool { return sorted[i].Goid < sorted[j].Goid })
	return sorted
}

func say(what answer) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", line)
}
