package truth

// One executable holds many programs, which keeps building them for every release cheap: `patterns NAME leaky|fixed`. Several
// that do not disturb each other run in one process as NAME,NAME,...: planted one after the other, judged together.
// The tests find the names by reading the sources for calls of Program, OnMain, Correct and Alone with a literal name, and the
// releases that have a program by the //go:build line of its file.

import (
	"fmt"
	"os"
	"sort"
	"strings"
)

type program struct {
	run    func(fixed bool)
	onMain bool
	alone  bool
	once   bool
	latest bool
}

var programs = map[string]program{}

// Program registers a pattern with its correct twin: the same code, where somebody can still wake everyone.
func Program(name string, run func(fixed bool)) { programs[name] = program{run: run} }

// OnMain is a Program whose body is the main goroutine's own.
func OnMain(name string, run func(fixed bool)) { programs[name] = program{run: run, onMain: true} }

// Correct registers a program in which nothing is leaked, though it may look so.
func Correct(name string, run func()) { programs[name] = program{run: func(bool) { run() }} }

// Alone is a correct program that says itself that it is ready, obeys nothing, and ends with its input.
func Alone(name string, run func()) {
	programs[name] = program{run: func(bool) { run() }, onMain: true, alone: true}
}

// Once says of a registered program that it cannot be planted again: it has taken what there is only one of.
func Once(name string) {
	p := programs[name]
	p.once = true
	programs[name] = p
}

// LatestIsHeld says of a registered program that what it holds is replaced when it is planted again: who was held only likely leaks
// then, and is leaked for certain from there on.
func LatestIsHeld(name string) {
	p := programs[name]
	p.latest = true
	programs[name] = p
}

func Main() {
	if len(os.Args) != 3 || (os.Args[2] != "leaky" && os.Args[2] != "fixed") {
		usage()
	}
	Run(os.Args[1], os.Args[2] == "fixed")
}

// Run never returns; whoever has no command line of its own (a library) calls it instead of Main.
func Run(name string, fixed bool) {
	names := strings.Split(name, ",")
	for _, name := range names {
		if p, known := programs[name]; !known || (p.onMain && len(names) > 1) {
			usage()
		}
	}
	if programs[name].onMain {
		runOnMain(name, fixed)
	}
	for _, name := range names {
		plant(name, fixed)
	}
	serve()
}

func runOnMain(name string, fixed bool) {
	planting = name
	if !programs[name].alone {
		go serve()
	}
	programs[name].run(fixed)
	select {} // serve ends the process
}

func usage() {
	names := make([]string, 0, len(programs))
	for name := range programs {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "usage: %s NAME[,NAME...] leaky|fixed\nnames: %v\n", os.Args[0], names)
	os.Exit(2)
}
