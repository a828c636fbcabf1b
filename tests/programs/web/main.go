// What is examined while it works: an HTTP server with a health of its own (`web serve`) and its visitor (`web visit ADDRESS`),
// which counts every request that fails or is late. Both end with their input.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	switch {
	case len(os.Args) == 2 && os.Args[1] == "serve":
		serve()
	case len(os.Args) == 3 && os.Args[1] == "visit":
		visit(os.Args[2])
	default:
		fmt.Fprintln(os.Stderr, "usage: web serve | web visit ADDRESS")
		os.Exit(2)
	}
}

func say(what interface{}) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", line)
}

// obey answers every line of the input, until it ends.
func obey(answer func() interface{}) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		say(answer())
	}
}
