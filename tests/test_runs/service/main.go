// Command service is a program that runs until its input ends. Each line of it is a command, and is answered by a line:
// "leak" leaks a goroutine, "keep" holds 20 MB in a variable, "stay" has it ignore SIGINT and SIGTERM, "spin" keeps a goroutine at work,
// "crash" has no answer, nor has "fill", which takes memory without end.
package main

import (
	"bufio"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"goshawk.example/testruns/forgotten"
)

var kept [][]*int

func main() {
	fmt.Println("ready", os.Getpid())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		switch lines.Text() {
		case "leak":
			forgotten.Goroutine()
		case "keep":
			kept = append(kept, make([]*int, 20<<20/8))
		case "stay":
			signal.Ignore(os.Interrupt, syscall.SIGTERM)
		case "crash":
			panic("as told")
		case "spin":
			go spin()
		case "fill":
			fill()
		}
		fmt.Println(lines.Text())
	}
}

func fill() {
	for {
		filled := make([]*int, 1<<20)
		for i := range filled {
			filled[i] = new(int)
		}
		kept = append(kept, filled)
	}
}

func spin() {
	for numbers := make(chan int, 1); ; {
		numbers <- 1
		<-numbers
	}
}
