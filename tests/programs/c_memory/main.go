// Memory that C has: small blocks of malloc, large ones that malloc maps, and stacks of threads that C has started.
package main

/*
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void take(size_t count, size_t size) {
  for (size_t i = 0; i < count; i++) memset(malloc(size), 1, size);
}

static pthread_barrier_t used;

static void *use_stack(void *size) {
  volatile char part[1 << 20];
  for (size_t i = 0; i < sizeof part; i += 512) part[i] = 1;
  pthread_barrier_wait(&used);
  for (;;) pause();
}

static int start_threads(int count) {
  pthread_barrier_init(&used, 0, count + 1);
  for (int i = 0; i < count; i++) {
    pthread_t thread;
    if (pthread_create(&thread, 0, use_stack, 0) != 0) return 1;
  }
  pthread_barrier_wait(&used);
  return 0;
}
*/
import "C"

import (
	"strconv"

	"goshawk.test/programs/truth"
)

func main() {
	truth.Correct("c_memory", func() {
		command("small", func(n int) { C.take(C.size_t(n<<10), 1<<10) })
		command("large", func(n int) { C.take(C.size_t(n), 1<<20) })
		command("threads", func(n int) {
			if C.start_threads(C.int(n)) != 0 {
				panic("a thread could not be started")
			}
		})
	})
	truth.Main()
}

func command(name string, f func(n int)) {
	truth.OnCommand(name, func(argument string) interface{} {
		n, err := strconv.Atoi(argument)
		if err != nil {
			panic(err)
		}
		f(n)
		return true
	})
}
