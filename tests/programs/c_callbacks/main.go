// Goroutines whose stacks lead through C. What C was given it may give back to Go from another thread at any time, so a
// goroutine that waits inside of a callback is never proven leaked.
package main

/*
#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

extern void goCallback(uintptr_t);

static void call_back(uintptr_t which) { goCallback(which); }

static void *on_c_thread(void *which) { goCallback((uintptr_t)which); return 0; }

static int start_c_thread(uintptr_t which) {
  pthread_t thread;
  return pthread_create(&thread, 0, on_c_thread, (void *)which);
}

static long read_in_c(int fd) { char byte; return read(fd, &byte, 1); }
*/
import "C"

import (
	"os"

	"goshawk.test/programs/truth"
)

func main() { truth.Main() }

func init() {
	truth.Program("c_callbacks", callbacks)
}

type holder struct {
	ch   chan int
	next *holder
}

const (
	waitsOnItsOwn = iota
	waitsForWake
	waitsOnThread
)

//export goCallback
func goCallback(which C.uintptr_t) {
	switch which {
	case waitsForWake:
		<-truth.Wake
	case waitsOnThread:
		truth.Wakes()
		<-truth.Wake
	default:
		own := &holder{ch: make(chan int)}
		<-own.ch
		own.next = own
	}
}

func callbacks(fixed bool) {
	truth.Expect(5)
	go func() {
		truth.Alive()
		C.call_back(waitsOnItsOwn)
	}()
	go func() {
		truth.Wakes()
		C.call_back(waitsForWake)
	}()
	if failed := C.start_c_thread(waitsOnThread); failed != 0 {
		panic(failed)
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	held, lost := make(chan int), make(chan int)
	go func() {
		C.read_in_c(C.int(reader.Fd()))
		close(held)
	}()
	go func() {
		truth.Wakes()
		<-held
	}()
	go func() {
		if fixed {
			truth.Wakes()
		} else {
			truth.Leaked("goroutine/blocked-receive")
		}
		<-lost
	}()
	truth.OnWake(func() { writer.Close() })
	if fixed {
		truth.OnWake(func() { close(lost) })
	}
}
