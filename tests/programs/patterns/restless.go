package main

// Processes that change under the reader's hands: they execute themselves anew, or start others all the time.

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Alone("executes_itself", executesItself)
	truth.Program("starts_processes", startsProcesses)
	truth.Program("ends_threads", endsThreads)
}

const generationVariable = "GENERATION"

// The process keeps its number and becomes another one, again and again, until its input ends.
func executesItself() {
	generation, _ := strconv.Atoi(os.Getenv(generationVariable))
	if generation == 0 {
		fmt.Printf(`{"ready":true,"pid":%d,"go":%q,"serving":1,"claims":[]}`+"\n", os.Getpid(), runtime.Version())
	}
	go func() {
		os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	for i := 0; i < 50; i++ {
		go func() { time.Sleep(long) }()
	}
	time.Sleep(time.Duration((generation%20)*(generation%20)) * time.Millisecond)
	os.Setenv(generationVariable, strconv.Itoa(generation+1))
	err := syscall.Exec("/proc/self/exe", os.Args, os.Environ())
	panic(err)
}

func startsProcesses(fixed bool) {
	blockedReceive(fixed)
	truth.OnceAtRest(func() {
		for i := 0; i < 2; i++ {
			go forever(func() {
				if err := exec.Command("/bin/true").Run(); err != nil {
					panic(err)
				}
			})
		}
	})
}

// A goroutine that ends while it is locked to its thread takes the thread with it.
func endsThreads(fixed bool) {
	blockedReceive(fixed)
	truth.OnceAtRest(func() {
		for i := 0; i < 2; i++ {
			go forever(func() {
				done := make(chan *holder)
				go func() {
					runtime.LockOSThread()
					close(done)
				}()
				<-done
			})
		}
	})
}
