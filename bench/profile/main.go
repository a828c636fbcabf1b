// Writes a heap profile as a large service's collector may hand it over: SAMPLES different stacks, of calls that
// branch at random, with inlined functions and sizes as labels. The same bytes each time.
//
//	profile FILE SAMPLES
package main

import (
	"bufio"
	"compress/gzip"
	"fmt"
	"log"
	"math/rand"
	"os"
	"strconv"
)

const (
	functions = 20000
	locations = 60000
	depth     = 30
	shared    = 21 // frames of a stack that its neighbours have too, outermost
	trunks    = 4000
)

type message []byte

func (m message) varint(x uint64) message {
	for x >= 128 {
		m = append(m, byte(x)|128)
		x >>= 7
	}
	return append(m, byte(x))
}

func (m message) number(field int, x uint64) message { return m.varint(uint64(field) << 3).varint(x) }

func (m message) bytes(field int, content []byte) message {
	return append(m.varint(uint64(field)<<3|2).varint(uint64(len(content))), content...)
}

func packed(numbers []uint64) message {
	var m message
	for _, x := range numbers {
		m = m.varint(x)
	}
	return m
}

type writer struct {
	out     *bufio.Writer
	strings []string
	ids     map[string]uint64
}

func (w *writer) text(s string) uint64 {
	id, known := w.ids[s]
	if !known {
		id = uint64(len(w.strings))
		w.ids[s] = id
		w.strings = append(w.strings, s)
	}
	return id
}

func (w *writer) field(number int, content []byte) {
	if _, err := w.out.Write(message(nil).bytes(number, content)); err != nil {
		log.Fatal(err)
	}
}

// Each location calls four others.
func callee(location uint64, random *rand.Rand) uint64 {
	return (location*2654435761+uint64(random.Intn(4))*40503)%locations + 1
}

// Outermost first.
func walk(stack []uint64, calls int, random *rand.Rand) []uint64 {
	for i := 0; i < calls; i++ {
		stack = append(stack, callee(stack[len(stack)-1], random))
	}
	return stack
}

func (w *writer) samples(count int, random *rand.Rand) {
	trunk := make([][]uint64, trunks)
	for i := range trunk {
		trunk[i] = walk([]uint64{1}, shared-1, random)
	}
	for i := 0; i < count; i++ {
		path := walk(append([]uint64(nil), trunk[i*trunks/count]...), depth-shared, random)
		var stack []uint64
		for j := range path {
			stack = append(stack, path[len(path)-1-j])
		}
		size := uint64(16 << random.Intn(10))
		objects := uint64(random.Intn(1000) + 1)
		inUse := objects / uint64(random.Intn(4)+1)
		label := message(nil).number(1, w.text("bytes")).number(3, size)
		w.field(2, message(nil).bytes(1, packed(stack)).
			bytes(2, packed([]uint64{objects, objects * size, inUse, inUse * size})).bytes(3, label))
	}
}

func (w *writer) places(random *rand.Rand) {
	for id := uint64(1); id <= locations; id++ {
		m := message(nil).number(1, id).number(3, 0x400000+id*32)
		for i := random.Intn(3) / 2; i >= 0; i-- {
			function := uint64(random.Intn(functions) + 1)
			m = m.bytes(4, message(nil).number(1, function).number(2, uint64(random.Intn(2000)+1)))
		}
		w.field(4, m)
	}
	for id := uint64(1); id <= functions; id++ {
		part := "example.com/shop/part" + strconv.FormatUint(id%500, 10)
		name := w.text(fmt.Sprintf("%s.(*Worker%d).handle%d", part, id%37, id))
		file := w.text(fmt.Sprintf("/src/%s/file%d.go", part, id%7))
		w.field(5, message(nil).number(1, id).number(2, name).number(3, name).number(4, file))
	}
}

func main() {
	count, err := strconv.Atoi(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Create(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	packer, _ := gzip.NewWriterLevel(file, gzip.BestSpeed) // as runtime/pprof
	w := &writer{out: bufio.NewWriter(packer), ids: map[string]uint64{"": 0}, strings: []string{""}}
	random := rand.New(rand.NewSource(1))
	for _, name := range []string{"alloc_objects", "alloc_space", "inuse_objects", "inuse_space"} {
		unit := "bytes"
		if name[len(name)-1] == 's' {
			unit = "count"
		}
		w.field(1, message(nil).number(1, w.text(name)).number(2, w.text(unit)))
	}
	w.samples(count, random)
	w.places(random)
	for _, text := range w.strings {
		w.field(6, []byte(text))
	}
	if err := w.out.Flush(); err != nil {
		log.Fatal(err)
	}
	if err := packer.Close(); err != nil {
		log.Fatal(err)
	}
	if err := file.Close(); err != nil {
		log.Fatal(err)
	}
}
