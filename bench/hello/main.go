// The smallest program that can be looked at: what looking costs when there is nothing to see.
package main

import (
	"fmt"
	"os"
)

func main() {
	fmt.Println("ready")
	os.Stdin.Read(make([]byte, 1)) // until the benchmark closes it
}
