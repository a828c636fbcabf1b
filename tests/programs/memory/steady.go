package main

// What grows by so many with each command, one kind at a time; "KIND fixed N" is its twin, which has as much work and keeps no more. Nothing
// is collected in between: garbage must not be taken for growth.

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"goshawk.test/programs/truth"
)

type visitor struct {
	user  *string
	bytes [100]byte
}

type event struct {
	what *string
	at   int64
}

type chained struct {
	next *chained
	load *[30]int64
}

type desk struct {
	sessions map[int]*visitor
	events   []event
	last     *chained
	flags    map[string]bool
	sums     []uint64
	together sync.Map
}

var (
	// A stripped program does not tell the types of its variables, but what is in an interface.
	worked  interface{}
	journal []event
	name    = "someone"
	next    int
)

const standing = 5000 // of each, from the start

func init() {
	worked = &desk{sessions: map[int]*visitor{}, flags: map[string]bool{}}
	truth.Correct("steady", func() {
		if os.Getenv("NO_COLLECTION") != "" {
			debug.SetGCPercent(-1)
		}
		for kind, grow := range map[string]func(d *desk, n int, fixed bool){
			"map": growMap, "slice": growSlice, "variable": growVariable, "list": growList, "flags": growFlags, "sums": growSums,
			"together": growTogether, "waste": wasteLinks,
		} {
			grow := grow
			grow(worked.(*desk), standing, false)
			truth.OnCommand(kind, func(argument string) interface{} {
				number := strings.TrimPrefix(argument, "fixed ")
				n, err := strconv.Atoi(number)
				if err != nil {
					panic(err)
				}
				done := make(chan struct{})
				go func() { // so that no word of it stays on a stack
					defer close(done)
					grow(worked.(*desk), n, number != argument)
				}()
				<-done
				return true
			})
		}
	})
}

func growMap(d *desk, n int, fixed bool) {
	for i := 0; i < n; i++ {
		next++
		d.sessions[next] = &visitor{user: &name}
		if fixed {
			for key := range d.sessions {
				delete(d.sessions, key)
				break
			}
		}
	}
}

func growSlice(d *desk, n int, fixed bool) {
	if fixed {
		d.events = append([]event(nil), d.events[n:]...)
	}
	for i := 0; i < n; i++ {
		d.events = append(d.events, event{&name, int64(i)})
	}
}

func growVariable(_ *desk, n int, fixed bool) {
	if fixed {
		journal = append([]event(nil), journal[n:]...)
	}
	for i := 0; i < n; i++ {
		journal = append(journal, event{&name, int64(i)})
	}
}

func growList(d *desk, n int, fixed bool) {
	if fixed {
		for i := 0; i < n; i++ {
			d.last = d.last.next
		}
	}
	for i := 0; i < n; i++ {
		d.last = &chained{d.last, new([30]int64)}
	}
}

func growFlags(d *desk, n int, fixed bool) {
	for i := 0; i < n; i++ {
		next++
		d.flags[strconv.Itoa(next)] = true
	}
	if fixed {
		for key := range d.flags {
			if n--; n < 0 {
				break
			}
			delete(d.flags, key)
		}
	}
}

func growSums(d *desk, n int, fixed bool) {
	if fixed {
		d.sums = append([]uint64(nil), d.sums[n:]...)
	}
	for i := 0; i < n; i++ {
		d.sums = append(d.sums, uint64(i))
	}
}

func growTogether(d *desk, n int, fixed bool) {
	for i := 0; i < n; i++ {
		next++
		d.together.Store(next, &visitor{user: &name})
		if fixed {
			d.together.Delete(next)
		}
	}
}

func wasteLinks(_ *desk, n int, _ bool) {
	var all []*chained
	for i := 0; i < n; i++ {
		all = append(all, &chained{nil, new([30]int64)})
	}
	made = all[len(all)-1]
}

var made *chained
