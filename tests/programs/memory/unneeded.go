package main

// What is in use and need not be, so many of each as the command says; "NAME fixed N" is its twin, which needs what it has.

import (
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

type record struct {
	id   int
	key  string
	head []byte
	last *point
}

type point struct{ x, y int }

type tally struct {
	ofUsers map[int][8]int
	ofNames map[string]*record
}

type archive struct {
	records []*record
	lines   [][]byte
	tallies *tally
	texts   map[int]string
	names   map[string]int
	events  chan tick
	jobs    chan *record
}

type tick struct {
	at   int64
	text [248]byte
}

var (
	// A stripped program does not tell the types of its variables, but what is in an interface.
	archived interface{}
	queue    []point
	tickers  []*time.Ticker
	blocked  = make(chan bool)
	sink     interface{}
)

const lineBytes = 64 << 10

var unneeded = map[string]func(n int, fixed bool){
	"strings": keepStrings, "heads": keepHeads, "buffers": keepBuffers, "points": keepPoints, "queue": keepQueue,
	"maps": shrinkMaps, "after": startAfters, "functions": startFunctions, "tickers": startTickers,
	"finalizers": blockFinalizers, "slow": runSlowFinalizers, "read": readWhenFinal,
	"spike": spike, "shared": shareLines, "texts": keepTexts, "names": keepNames,
	"room": makeRoom, "backlog": queueJobs, "events": queueEvents,
}

func init() {
	archived = new(archive) // the linker would put it among the variables
	truth.Correct("unneeded", func() {
		for name, f := range unneeded {
			f := f
			truth.OnCommand(name, func(argument string) interface{} {
				number := strings.TrimPrefix(argument, "fixed ")
				n, err := strconv.Atoi(number)
				if err != nil {
					panic(err)
				}
				f(n, number != argument)
				runtime.GC()
				runtime.GC()
				return true
			})
		}
	})
}

func files() *archive { return archived.(*archive) }

func line() []byte { return fill(make([]byte, lineBytes)) }

// Ten bytes of a long string.
func keepStrings(n int, fixed bool) {
	for i := 0; i < n; i++ {
		key := string(line())[100:110]
		if fixed {
			key = strings.Clone(key)
		}
		files().records = append(files().records, &record{id: i, key: key})
	}
}

// Ten bytes of a long string as what a map has.
func keepTexts(n int, fixed bool) {
	files().texts = map[int]string{}
	for i := 0; i < n; i++ {
		text := string(line())[100:110]
		if fixed {
			text = strings.Clone(text)
		}
		files().texts[i] = text
	}
}

// And as its keys.
func keepNames(n int, fixed bool) {
	files().names = map[string]int{}
	for i := 0; i < n; i++ {
		name := (strconv.Itoa(i) + string(line()))[:10]
		if fixed {
			name = strings.Clone(name)
		}
		files().names[name] = i
	}
}

// The first sixteen bytes, and nobody can append behind them.
func keepHeads(n int, fixed bool) {
	for i := 0; i < n; i++ {
		head := line()[:16:16]
		if fixed {
			head = append([]byte(nil), head...)
		}
		files().records = append(files().records, &record{id: i, head: head})
	}
}

// The same with all of the rest behind: buffers that may be filled again. In the twin they are nearly full.
func keepBuffers(n int, fixed bool) {
	length := 16
	if fixed {
		length = lineBytes - 16
	}
	for i := 0; i < n; i++ {
		files().lines = append(files().lines, line()[:length])
	}
}

// A pointer to one element of many; in the twin to one that stands alone.
func keepPoints(n int, fixed bool) {
	for i := 0; i < n; i++ {
		points := make([]point, lineBytes/16)
		last := &points[7]
		if fixed {
			last = &point{1, 2}
		}
		files().records = append(files().records, &record{id: i, last: last})
	}
}

// The end of a queue from which all else was taken.
func keepQueue(n int, fixed bool) {
	queue = make([]point, 0, n)
	for i := 0; i < n; i++ {
		queue = append(queue, point{i, i})
	}
	queue = queue[n-10:]
	if fixed {
		queue = append([]point(nil), queue...)
	}
}

// Two words refer to each line, which together use most of it; and one refers to a part of what another one has whole.
func shareLines(n int, _ bool) {
	for i := 0; i < n; i++ {
		both := line()
		files().records = append(files().records, &record{id: i, head: both[: lineBytes/3 : lineBytes/3]})
		files().lines = append(files().lines, both[lineBytes/3:])
		whole := line()
		files().records = append(files().records, &record{id: i, head: whole[:16:16]})
		files().lines = append(files().lines, whole)
	}
}

func shrinkMaps(n int, fixed bool) {
	users, names := map[int][8]int{}, map[string]*record{}
	for i := 0; i < n; i++ {
		users[i] = [8]int{i}
		names[strconv.Itoa(i)] = nil
	}
	for i := 10; i < n; i++ {
		delete(users, i)
		delete(names, strconv.Itoa(i))
	}
	if fixed {
		smaller, fewer := map[int][8]int{}, map[string]*record{}
		for i, user := range users {
			smaller[i] = user
		}
		for name, one := range names {
			fewer[name] = one
		}
		users, names = smaller, fewer
	}
	files().tallies = &tally{users, names}
}

func startAfters(n int, fixed bool) {
	if fixed {
		n = 10
	}
	for i := 0; i < n; i++ {
		select {
		case <-time.After(time.Hour):
		default:
		}
	}
}

// In the twin they were stopped.
func startFunctions(n int, fixed bool) {
	for i := 0; i < n; i++ {
		data := new([1000]byte)
		timer := time.AfterFunc(time.Hour, func() { sink = data })
		if fixed {
			timer.Stop()
		}
	}
}

// In the twin somebody has them.
func startTickers(n int, fixed bool) {
	for i := 0; i < n; i++ {
		ticker := time.NewTicker(time.Hour)
		if fixed {
			tickers = append(tickers, ticker)
		}
	}
}

// All wait behind the first one; in the twin nobody waits.
func blockFinalizers(n int, fixed bool) {
	entered := make(chan bool)
	runtime.SetFinalizer(&record{id: -1}, func(*record) {
		close(entered)
		if !fixed {
			<-blocked
		}
	})
	runtime.GC()
	<-entered
	var ended sync.WaitGroup
	ended.Add(n)
	for i := 0; i < n; i++ {
		runtime.SetFinalizer(&record{id: i, head: make([]byte, 1000)}, func(*record) { ended.Done() })
	}
	runtime.GC()
	if fixed {
		ended.Wait()
	}
}

// Each takes a while, and all will have run; in the twin they have.
func runSlowFinalizers(n int, fixed bool) {
	entered := make(chan bool, n)
	var ended sync.WaitGroup
	ended.Add(n)
	for i := 0; i < n; i++ {
		runtime.SetFinalizer(&record{id: i, head: make([]byte, 1000)}, func(*record) {
			entered <- true
			if !fixed {
				time.Sleep(20 * time.Millisecond)
			}
			ended.Done()
		})
	}
	runtime.GC()
	<-entered
	if fixed {
		ended.Wait()
	}
}

// Of each line's array somebody has the first bytes, and its finalizer reads the last one; in the twin somebody has it whole, too.
func readWhenFinal(n int, fixed bool) {
	for i := 0; i < n; i++ {
		whole := new([lineBytes]byte)
		runtime.SetFinalizer(whole, func(of *[lineBytes]byte) { sink = of[lineBytes-1] })
		files().records = append(files().records, &record{id: i, head: whole[:16:16]})
		if fixed {
			files().lines = append(files().lines, whole[:])
		}
	}
}

// Room for so many, of which three are needed; in the twin as many as are there.
func makeRoom(n int, fixed bool) {
	if fixed {
		n = 3
	}
	files().jobs = make(chan *record, n)
	files().events = make(chan tick, n)
	for i := 0; i < 3; i++ {
		files().jobs <- &record{id: i}
		files().events <- tick{at: int64(i)}
	}
}

// So many are queued, and three more wait; in the twin all were received, and somebody waits for more.
func queueJobs(n int, fixed bool) {
	jobs := make(chan *record, n)
	if fixed {
		jobs = make(chan *record, 3)
	}
	files().jobs = jobs
	if fixed {
		go takeJobs(jobs)
	}
	for i := 0; i < n; i++ {
		jobs <- &record{id: i, head: make([]byte, 1000)}
	}
	for i := 0; i < 3; i++ {
		go putJob(jobs)
	}
	if fixed {
		awaitStacks("main.takeJobs", "[chan receive", 1)
	} else {
		awaitStacks("main.putJob", "[chan send", 3)
	}
}

// Until so many goroutines wait for a channel in this function, and no other one is in it.
func awaitStacks(function, waiting string, count int) {
	stacks := make([]byte, 1<<20)
	for {
		in, wait := 0, 0
		for _, stack := range strings.Split(string(stacks[:runtime.Stack(stacks, true)]), "\n\n") {
			if strings.Contains(stack, function+"(") {
				in++
				wait += strings.Count(stack, waiting)
			}
		}
		if in == count && wait == count {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func putJob(jobs chan *record) { jobs <- &record{id: -1} }

func takeJobs(jobs chan *record) {
	for job := range jobs {
		sink = job
	}
}

// The same of what has no pointers: two thirds of the buffer, and nobody sends any more.
func queueEvents(n int, fixed bool) {
	events := make(chan tick, n)
	for i := 0; i < n*2/3; i++ {
		events <- tick{at: int64(i)}
	}
	close(events)
	if fixed {
		for range events {
		}
		events = make(chan tick)
	}
	files().events = events
}

// So many goroutines at once; in the twin one after the other.
func spike(n int, fixed bool) {
	var ended sync.WaitGroup
	start := make(chan bool)
	if fixed {
		close(start)
	}
	for i := 0; i < n; i++ {
		ended.Add(1)
		go func() { <-start; ended.Done() }()
		if fixed {
			ended.Wait()
		}
	}
	if !fixed {
		close(start)
	}
	ended.Wait()
}
