// Fills the heap with COUNT nodes of 64 bytes, half of them in linked lists, half in binary trees;
// with "shuffled" behind COUNT, neighbours in memory are not neighbours in the lists and trees.
// With a second number behind that, so many goroutines leak, each with a list of its own beside these;
// with "held" behind it only the children of a global context still refer to what they wait for.
// Prints "ready", and how long a collection of that heap takes and of the processors, in nanoseconds.
package main

import (
	"context"
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

type node struct {
	left, right *node
	values      [6]uint64
}

var lists, trees []*node

var application, stopApplication = context.WithCancel(context.Background())

const (
	perList = 1000
	perLeak = 20
)

func main() {
	count, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	nodes := make([]*node, count)
	for i := range nodes {
		nodes[i] = new(node)
	}
	if len(os.Args) > 2 && os.Args[2] == "shuffled" {
		rand.New(rand.NewSource(1)).Shuffle(count, func(i, j int) { nodes[i], nodes[j] = nodes[j], nodes[i] })
	}
	makeLists(nodes[:count/2])
	makeTree(nodes[count/2:])
	nodes = nil
	if len(os.Args) > 3 {
		leak(os.Args[3], len(os.Args) > 4 && os.Args[4] == "held")
	}
	wall, processor := collect()
	fmt.Println("ready", wall.Nanoseconds(), processor.Nanoseconds())
	os.Stdin.Read(make([]byte, 1)) // until the benchmark closes it
	stopApplication()
}

// The second one: the first takes away what it was made with.
func collect() (wall, processor time.Duration) {
	runtime.GC()
	began, used := time.Now(), processorTime()
	runtime.GC()
	return time.Since(began), processorTime() - used
}

func processorTime() time.Duration {
	var used syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func leak(count string, held bool) {
	n, err := strconv.Atoi(count)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	var started sync.WaitGroup
	started.Add(n)
	for i := 0; i < n; i++ {
		if held {
			go waitForCancel(&started)
		} else {
			go hold(&started)
		}
	}
	started.Wait()
}

func makeList() (list *node) {
	for i := 0; i < perLeak; i++ {
		list = &node{left: list}
	}
	return list
}

func hold(started *sync.WaitGroup) {
	list := makeList()
	private := make(chan int)
	started.Done()
	<-private
	list.values[0]++
}

func waitForCancel(started *sync.WaitGroup) {
	list := makeList()
	ctx, _ := context.WithCancel(application) // the leak: nobody keeps its cancel function
	done := ctx.Done()
	started.Done()
	<-done
	list.values[0]++
}

func makeLists(nodes []*node) {
	for i, n := range nodes {
		if i%perList == 0 {
			lists = append(lists, n)
		} else {
			nodes[i-1].right = n
			n.left = nodes[i-1]
		}
	}
}

func makeTree(nodes []*node) {
	trees = append(trees, nodes[0])
	for i, n := range nodes {
		if 2*i+1 < len(nodes) {
			n.left = nodes[2*i+1]
		}
		if 2*i+2 < len(nodes) {
			n.right = nodes[2*i+2]
		}
	}
}
