package main

// What runs, sleeps, or waits for the world outside is never proven leaked.

import (
	"runtime"
	"sync/atomic"
	"syscall"
	"time"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Correct("runaway_loop", runawayLoop)
	truth.Correct("sleep_loop", sleepLoop)
	truth.Correct("in_syscall", inSyscall)
	truth.Program("locked_to_thread", lockedToThread)
	truth.Program("stale_vector_registers", staleVectorRegisters)
}

var spins uint64

func runawayLoop() {
	truth.Expect(2)
	held := waiter()
	go func() {
		truth.Runs()
		for !woken() {
			atomic.AddUint64(&spins, 1)
		}
		close(held)
	}()
	go func() {
		truth.Runs()
		for !woken() {
			runtime.Gosched()
		}
	}()
}

func woken() bool {
	select {
	case <-truth.Wake:
		return true
	default:
		return false
	}
}

func sleepLoop() {
	truth.Expect(1)
	held := waiter()
	go func() {
		truth.Runs()
		for !woken() {
			time.Sleep(time.Millisecond)
		}
		close(held)
	}()
}

// A blocking system call that the runtime's poller knows nothing of.
func inSyscall() {
	truth.Expect(2)
	held := waiter()
	var raw [2]int
	if err := syscall.Pipe(raw[:]); err != nil {
		panic(err)
	}
	go func() {
		truth.Wakes()
		syscall.Read(raw[0], make([]byte, 1))
		close(held)
	}()
	go func() { // and one that is still asleep after an hour
		truth.Alive()
		forever := syscall.NsecToTimespec(int64(long))
		for syscall.Nanosleep(&forever, &forever) == syscall.EINTR {
		}
	}()
	truth.OnWake(func() { syscall.Close(raw[1]) })
}

func lockedToThread(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		ch := make(chan *holder)
		go func() {
			runtime.LockOSThread()
			leakedUnless(fixed, receive)
			<-ch
		}()
		if fixed {
			truth.OnWake(func() { close(ch) })
		}
	}
}

var stopSpinning uint32

// A thread's vector registers keep what was last copied through them, and each preemption writes them to its stack. What is
// only there is held by nobody.
func staleVectorRegisters(fixed bool) {
	truth.Expect(words + 1)
	go func() {
		truth.Runs()
		runtime.LockOSThread()
		channels := new([words]chan *holder)
		startReceivers(channels, fixed)
		copyAndForget(channels)
		for atomic.LoadUint32(&stopSpinning) == 0 {
		}
	}()
	truth.OnWake(func() { atomic.StoreUint32(&stopSpinning, 1) })
}

const words = 32 // as many as the sixteen registers have

//go:noinline
func startReceivers(channels *[words]chan *holder, fixed bool) {
	for i := range channels {
		ch := make(chan *holder)
		channels[i] = ch
		go func() {
			leakedUnless(fixed, receive)
			<-ch
		}()
		if fixed {
			truth.OnWake(func() { close(ch) })
		}
	}
}

//go:noinline
func copyAndForget(channels *[words]chan *holder) {
	into := make([]chan *holder, len(channels))
	for i := 0; i < 2; i++ {
		copy(into, channels[:])
	}
	for i := range channels {
		channels[i], into[i] = nil, nil
	}
}
