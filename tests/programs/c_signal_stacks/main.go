// C code may give a thread another signal stack than Go's and handle signals of its own on it (runtime/signal_unix.go
// adjustSignalStack: "in case some non-Go code called sigaltstack"). While such a handler runs, what the Go code below it
// had in registers is in the kernel's frame on that stack, and nowhere else. SIGUSR2 to the thread named "holder" starts the
// handler, and another one ends it.
package main

/*
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

// Registers of the caller are not left in place.
static void wait_for_another(int number) {
  sigset_t same;
  sigemptyset(&same);
  sigaddset(&same, number);
#ifdef __x86_64__
  __asm__ volatile("xor %%ebx, %%ebx\n xor %%r12d, %%r12d\n xor %%r13d, %%r13d\n xor %%r14d, %%r14d\n xor %%r15d, %%r15d"
                   : : : "rbx", "r12", "r13", "r14", "r15");
#endif
  while (sigwaitinfo(&same, 0) < 0) continue;  // a stop by a tracer interrupts it
}

static void set_up(void) {
  stack_t stack;
  struct sigaction action;
  memset(&stack, 0, sizeof stack);
  memset(&action, 0, sizeof action);
  stack.ss_size = 1 << 16;
  stack.ss_sp = malloc(stack.ss_size);
  sigaltstack(&stack, 0);
  action.sa_handler = wait_for_another;
  action.sa_flags = SA_ONSTACK | SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(SIGUSR2, &action, 0);
  prctl(PR_SET_NAME, "holder");
}
*/
import "C"

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"

	"goshawk.test/programs/truth"
)

func main() { truth.Main() }

func init() {
	truth.Program("c_signal_stack", signalStack)
}

type holder struct{ ch chan int }

var (
	cell  *holder
	waits int32
	leave int32
)

//go:noinline
func prepare() {
	own := &holder{ch: make(chan int)}
	cell = own
	go func(ch chan int) {
		truth.Wakes()
		atomic.StoreInt32(&waits, 1)
		<-ch
	}(own.ch)
}

// What earlier calls left on the stack is overwritten.
//
//go:noinline
func clear(n int) int {
	var words [1000]int
	for i := range words {
		words[(i*n)%1000] = 0
	}
	return words[n]
}

// The channel's holder is in a register and nowhere else.
//
//go:noinline
func hold() {
	own := cell
	cell = nil
	for atomic.LoadInt32(&leave) == 0 {
	}
	close(own.ch)
}

func signalStack(fixed bool) {
	debug.SetGCPercent(-1) // a collection would wait for the handler
	truth.Expect(3)
	go func() {
		truth.Runs()
		runtime.LockOSThread()
		C.set_up()
		prepare()
		for atomic.LoadInt32(&waits) == 0 {
			runtime.Gosched()
		}
		clear(7)
		hold()
	}()
	lost := make(chan int)
	go func() {
		if fixed {
			truth.Wakes()
		} else {
			truth.Leaked("goroutine/blocked-receive")
		}
		<-lost
	}()
	truth.OnWake(func() { atomic.StoreInt32(&leave, 1) })
	if fixed {
		truth.OnWake(func() { close(lost) })
	}
}
