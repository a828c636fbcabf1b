// Package with_c sleeps in C.
package with_c

// #include <unistd.h>
// static void nap(void) { usleep(1000); }
import "C"

// Nap takes a millisecond.
func Nap() { C.nap() }
