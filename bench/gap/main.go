// Tells for how long it stood still: a thread of its own asks for the time again and again, and
// keeps the longest gap between two answers. Whatever keeps it from running counts: a stop by
// Goshawk, a collection of its own, another program on its processor; what is whose, a run without
// Goshawk tells.
//
// MEGABYTES of pointers are in the heap; with "allocating" behind that, other goroutines allocate
// and drop as fast as they can. Prints "ready"; each line of its input is answered with the longest
// gap, in nanoseconds, since the one before; ends with the input.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"
)

type node struct {
	next   *node
	values [7]uint64
}

var (
	lists   []*node
	sink    [4]*node
	longest int64
)

func main() {
	megabytes, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	for i := 0; i < megabytes<<20/64; i++ {
		if i%1000 == 0 {
			lists = append(lists, nil)
		}
		last := len(lists) - 1
		lists[last] = &node{next: lists[last]}
	}
	if len(os.Args) > 2 && os.Args[2] == "allocating" {
		for i := range sink {
			go allocate(i)
		}
	}
	go watch()
	fmt.Println("ready")
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		fmt.Println(atomic.SwapInt64(&longest, 0))
	}
}

func watch() {
	runtime.LockOSThread()
	began := time.Now()
	last := time.Duration(0)
	for {
		now := time.Since(began)
		if gap := int64(now - last); gap > atomic.LoadInt64(&longest) {
			atomic.StoreInt64(&longest, gap)
		}
		last = now
	}
}

func allocate(i int) {
	for n := 0; ; n++ {
		sink[i] = &node{next: sink[i]}
		if n%10000 == 0 {
			sink[i] = nil
		}
	}
}
