// A heap with something of everything. The runtime itself writes what is in it (debug.WriteHeapDump) to the file that the first
// argument names; from then on the program stands still: it collects no more, and allocates nothing to say that it is ready.
package main

import (
	"bytes"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
)

// What stays; where it is not said what holds a thing, this does.
var keep []interface{}

func hold(things ...interface{}) { keep = append(keep, things...) }

// Large things that words of their own hold.
var (
	apart [20]interface{}
	taken int
)

func alone(things ...interface{}) { taken += copy(apart[taken:], things) }

// What only some releases have: live objects that a release's own ways of holding make.
var more []func()

func main() {
	file, err := syscall.Open(os.Args[1], syscall.O_CREAT|syscall.O_WRONLY|syscall.O_TRUNC, 0o600)
	if err != nil {
		panic(err)
	}
	makeThreads()
	small()
	large()
	maps()
	holders()
	for _, f := range more {
		f()
	}
	if os.Args[2] == "two arenas" {
		across()
	}
	goroutines()
	awaitRest()

	debug.SetGCPercent(-1)
	answer := make([]byte, 0, 200)
	command := make([]byte, 64)
	var stats runtime.MemStats
	runtime.GC()
	debug.FreeOSMemory() // collects too, and leaves nothing to the runtime's own goroutine that gives memory back
	runtime.ReadMemStats(&stats)
	answer = append(answer, `{"ready": true, "claims": [], "serving": 0, "live": `...)
	answer = strconv.AppendUint(answer, stats.HeapAlloc, 10)
	answer = append(answer, "}\n"...)
	sinceCollection()

	debug.WriteHeapDump(uintptr(file))
	syscall.Write(1, answer)
	for {
		if n, _ := syscall.Read(0, command); n == 0 {
			return
		}
	}
}

// Enough threads for whatever wakes up once the dump is written: a new one's m and g are objects too.
func makeThreads() {
	var all, ended sync.WaitGroup
	all.Add(8)
	ended.Add(8)
	for i := 0; i < 8; i++ {
		go func() {
			runtime.LockOSThread()
			all.Done()
			all.Wait()
			runtime.UnlockOSThread()
			ended.Done()
		}()
	}
	ended.Wait()
}

// Until every goroutine but this one is parked: one that parks later takes a sudog.
func awaitRest() {
	buffer := make([]byte, 1<<20)
	for {
		dump := buffer[:runtime.Stack(buffer, true)]
		if bytes.Count(dump, []byte(" [running")) == 1 && !bytes.Contains(dump, []byte(" [runnable")) {
			return
		}
		runtime.Gosched()
	}
}
