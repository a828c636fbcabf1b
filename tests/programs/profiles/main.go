// Writes every profile that its runtime has into the folder that it is given: NAME.pb.gz, and NAME.txt as debug=1
// has it. What is in them: allocations of several sizes through inlined, recursive and generic functions, waits for
// channels and locks, goroutines with labels, leaked ones. With a number behind the folder: instead so many heap-N.pb.gz and
// goroutine-N.pb.gz, between which a cache grows by 8 MB and ten goroutines leak, and a buffer is there in the first two only.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"sync"
)

type node struct {
	next *node
	more [200]byte
}

var kept []any

func newNode(next *node) *node { return &node{next: next} } // inlined

func grow(depth int) *node { // recursive
	if depth == 0 {
		return newNode(nil)
	}
	return newNode(grow(depth - 1))
}

func fill[T any](count int) []T { return make([]T, count) }

func allocate() {
	for i := 0; i < 2000; i++ {
		kept = append(kept, grow(5))
	}
	kept = append(kept, fill[int64](1<<17), fill[string](1<<16), fill[byte](3<<20))
	for i := 0; i < 100; i++ {
		_ = fmt.Sprint(fill[byte](1 << 16)[:8]) // freed again
	}
}

func wait(blocked *sync.WaitGroup, never chan int) {
	blocked.Done()
	<-never
}

func leak() {
	var blocked sync.WaitGroup
	for i := 0; i < 20; i++ {
		blocked.Add(1)
		never := make(chan int)
		switch i % 3 {
		case 0:
			go pprof.Do(context.Background(), pprof.Labels("tenant", "blue \"sky\"", "i", fmt.Sprint(i%2)), func(context.Context) { wait(&blocked, never) })
		case 1:
			go wait(&blocked, never)
		default:
			go func() {
				blocked.Done()
				select {}
			}()
		}
	}
	blocked.Wait()
}

func contend() {
	var lock sync.Mutex
	var done sync.WaitGroup
	turn := make(chan int)
	for i := 0; i < 4; i++ {
		done.Add(1)
		go func() {
			defer done.Done()
			for j := 0; j < 50; j++ {
				lock.Lock()
				runtime.Gosched()
				lock.Unlock()
				<-turn
			}
		}()
	}
	for i := 0; i < 200; i++ {
		turn <- i
	}
	done.Wait()
}

func burn() int {
	sum := 0
	for i := 0; i < 300_000_000; i++ {
		sum += i % 7
	}
	return sum
}

var cache [][]byte

func remember() {
	for i := 0; i < 1024; i++ {
		cache = append(cache, make([]byte, 8<<10))
	}
}

func forget(begun *sync.WaitGroup) {
	begun.Done()
	<-make(chan int)
}

func write(folder, profile, ending string, debug int) {
	file := create(folder, profile+ending)
	check(pprof.Lookup(profile).WriteTo(file, debug))
	check(file.Close())
}

func growing(folder string, times int) {
	buffer := fill[byte](20 << 20)
	for i := 1; i <= times; i++ {
		var begun sync.WaitGroup
		begun.Add(10)
		for j := 0; j < 10; j++ {
			go forget(&begun)
		}
		begun.Wait()
		remember()
		if i == 3 {
			buffer = nil
		}
		runtime.GC()
		ending := fmt.Sprintf("-%d.pb.gz", i)
		write(folder, "heap", ending, 0)
		write(folder, "goroutine", ending, 0)
		runtime.KeepAlive(buffer)
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func create(folder, name string) *os.File {
	file, err := os.Create(filepath.Join(folder, name))
	check(err)
	return file
}

func main() {
	folder := os.Args[1]
	if len(os.Args) > 2 {
		times, err := strconv.Atoi(os.Args[2])
		check(err)
		growing(folder, times)
		return
	}
	runtime.SetBlockProfileRate(1)
	runtime.SetMutexProfileFraction(1)
	cpu := create(folder, "cpu.pb.gz")
	check(pprof.StartCPUProfile(cpu))
	burn()
	pprof.StopCPUProfile()
	check(cpu.Close())
	allocate()
	contend()
	leak()
	runtime.GC()
	for _, profile := range pprof.Profiles() {
		for debug, ending := range []string{".pb.gz", ".txt"} {
			write(folder, profile.Name(), ending, debug)
		}
	}
	runtime.KeepAlive(kept)
}
