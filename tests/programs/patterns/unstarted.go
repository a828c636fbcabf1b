package main

// Goroutines that exist and have not run yet: with one P, and main sitting on it in a system call that the runtime does not
// know of, nobody else gets a turn. They hold the channel of a goroutine that is parked.

import (
	"fmt"
	"os"
	"runtime"
	"syscall"
	"unsafe"

	"goshawk.test/programs/truth"
)

func init() { truth.Alone("unstarted", unstarted) }

func unstarted() {
	runtime.GOMAXPROCS(1)
	held := make(chan *holder)
	parked := make(chan int64, 1)
	go func() {
		parked <- truth.Goid()
		<-held
	}()
	goid := <-parked
	for i := 0; i < 20; i++ {
		runtime.Gosched()
	}
	for i := 0; i < 100; i++ {
		go func() { <-held }()
	}
	go close(held)
	line := []byte(fmt.Sprintf(`{"ready":true,"pid":%d,"go":%q,"serving":1,"claims":[{"goid":%d,"verdict":"alive"}],"runnable":101}`+"\n",
		os.Getpid(), runtime.Version(), goid))
	syscall.RawSyscall(syscall.SYS_WRITE, 1, uintptr(unsafe.Pointer(&line[0])), uintptr(len(line)))
	var input [1]byte
	for {
		n, _, errno := syscall.RawSyscall(syscall.SYS_READ, 0, uintptr(unsafe.Pointer(&input[0])), 1)
		if errno != syscall.EINTR && n != 1 {
			os.Exit(0)
		}
	}
}
