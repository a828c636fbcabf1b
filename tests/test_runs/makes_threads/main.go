// Makes threads without a pause: a goroutine that ends while it is locked to its thread takes that with it.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	fmt.Println("ready")
	for {
		done := make(chan bool)
		go func() {
			runtime.LockOSThread()
			close(done)
		}()
		<-done
	}
}
