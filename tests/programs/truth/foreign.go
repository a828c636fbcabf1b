package truth

// Goroutines that a library starts cannot declare themselves. A program says how many it has caused, and a function that is on
// the stack of each once it stands where it stays; those of earlier programs are told apart by having been there before.

import "strings"

type foreign struct {
	count    int
	function string // the beginning of its name, with its package
	claim    Claim
}

var (
	awaited   []foreign
	strangers map[int64]bool // that were there before the program that is being planted
)

// Foreign declares as many goroutines of a library as the program has caused, all at once, as soon as they are there.
func Foreign(count int, function string, claim Claim) {
	lockClaims()
	defer claimsLock.Unlock()
	announced += count
	awaited = append(awaited, foreign{count, function, claim})
}

func noteStrangers() {
	strangers = map[int64]bool{}
	for goid := range readDump() {
		strangers[goid] = true
	}
}

// claimForeign returns whether all those awaited are found; none is before all of them stand where they stay.
func claimForeign() bool {
	claimsLock.Lock()
	defer claimsLock.Unlock()
	if len(awaited) == 0 {
		return true
	}
	goroutines := readDump()
	for len(awaited) > 0 {
		f := awaited[0]
		found := f.among(goroutines)
		if len(found) != f.count {
			return false
		}
		for _, goid := range found {
			f.claim.Goid = goid
			record(f.claim)
		}
		awaited = awaited[1:]
	}
	return true
}

func (f foreign) among(goroutines map[int64]dumped) []int64 {
	found := []int64{}
	for goid, d := range goroutines {
		_, claimed := claims[goid]
		if !strangers[goid] && !claimed && !d.moves() && strings.Contains("\n"+d.stack, "\n"+f.function) {
			found = append(found, goid)
		}
	}
	return found
}
