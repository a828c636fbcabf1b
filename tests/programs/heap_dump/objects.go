package main

// Objects of all sizes and shapes.

import (
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"unsafe"
)

// Pointers to beginnings and into the middle, and a number that looks like one.
type mixed struct {
	number int64
	next   *mixed
	name   string
	any    interface{}
	hidden uintptr
	list   []*mixed
}

type wide struct {
	head     [1000]uint64
	pointers [2000]*mixed
	middle   [20000]uint64
	rest     [30]mixed
	tail     [100]uint64
}

type sparse struct {
	first *mixed
	bytes [1016]byte
}

type pointerless struct{ a, b, c int64 }

type node struct {
	left, right *node
	key         int
}

func (m *mixed) method(n int) int { return n + len(m.name) }

var (
	pool, inside []*mixed // what others point to: beginnings, and the middle of larger objects
	random       uint32   = 1
)

func number(below int) int {
	random = random*1664525 + 1013904223
	return int(random>>8) % below
}

// Of eight one is nil, one points behind its object's beginning.
func pointer() *mixed {
	switch number(8) {
	case 0:
		return nil
	case 1:
		return inside[number(len(inside))]
	}
	return pool[number(len(pool))]
}

func fill(m *mixed) {
	m.number = int64(number(1 << 20))
	m.next = pointer()
	m.hidden = uintptr(unsafe.Pointer(pool[number(len(pool))]))
	switch number(4) {
	case 0:
		m.name = fmt.Sprintf("a text with the number %d", m.number)
	case 1:
		m.any = pointerless{m.number, 2, 3}
	case 2:
		m.any = pointer()
		m.list = []*mixed{pointer(), pointer(), pointer()}[1:]
	case 3:
		m.any = number(1 << 20) // of the tiny allocator
	}
}

func pointers(n int) []*mixed {
	made := make([]*mixed, n)
	for i := range made {
		made[i] = pointer()
	}
	return made
}

func filled(n int) []mixed {
	made := make([]mixed, n)
	for i := range made {
		fill(&made[i])
	}
	return made
}

func grow(depth int) *node {
	if depth == 0 {
		return nil
	}
	return &node{grow(depth - 1), grow(depth - 1), depth}
}

func small() {
	for i := 0; i < 2000; i++ {
		pool = append(pool, &mixed{})
		if i%4 == 0 {
			inside = append(inside, &make([]mixed, i%20+2)[i%20/2+1])
		}
	}
	for _, one := range pool {
		fill(one)
	}
	for _, size := range classes() {
		for i := 0; i < 1+2000/size; i++ {
			bytes := make([]byte, size)
			for k := 0; k+8 <= size; k += 8 { // what would be pointers, if these were
				*(*uintptr)(unsafe.Pointer(&bytes[k])) = uintptr(unsafe.Pointer(pool[number(len(pool))]))
			}
			hold(bytes, pointers(size/8), make([]*mixed, size/8-1)) // the latter has room for a header
		}
	}
	for n := 1; n < 60; n++ {
		hold(filled(n), filled(n)[n/2:])
	}
	alone(grow(14))
	var tiny []*bool
	var texts []string
	for i := 0; i < 1000; i++ {
		tiny = append(tiny, new(bool))
		texts = append(texts, fmt.Sprint("s", i))
	}
	hold(tiny[:500], texts, &tiny[700], &texts[10])
	var rows [][][]byte
	for i := 0; i < 100; i++ {
		row := make([][]byte, i)
		for k := range row {
			row[k] = make([]byte, k+1)[k/2:]
		}
		rows = append(rows, row)
	}
	alone(rows)
	functions()
	reflected()
}

// The sizes of objects that are not large: the first of them are those that the runtime has statistics of.
func classes() []int {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	sizes := []int{19072, 20480, 21760, 24576, 27264, 28672, 32768, 32776, 40000}
	for _, class := range stats.BySize[1:] {
		sizes = append(sizes, int(class.Size))
	}
	return sizes
}

func functions() {
	for i := 0; i < 100; i++ {
		i, one, text := i, pool[i], fmt.Sprint("captured ", i)
		hold(func() int { return one.method(i) + len(text) }, one.method, &text)
	}
}

// Types that are made at run time: their descriptors and masks are objects themselves.
func reflected() {
	one := reflect.TypeOf(mixed{})
	for n := 1; n < 40; n++ {
		array := reflect.New(reflect.ArrayOf(n, one))
		for i := 0; i < n; i++ {
			fill(array.Elem().Index(i).Addr().Interface().(*mixed))
		}
		fields := []reflect.StructField{
			{Name: "A", Type: reflect.TypeOf([7]uint16{})},
			{Name: "B", Type: reflect.PtrTo(one)},
			{Name: "C", Type: reflect.ArrayOf(n*n, reflect.PtrTo(one))},
			{Name: "D", Type: reflect.TypeOf("")},
		}
		made := reflect.New(reflect.StructOf(fields))
		made.Elem().Field(1).Set(reflect.ValueOf(pointer()))
		for i := 0; i < n*n; i += 3 {
			made.Elem().Field(2).Index(i).Set(reflect.ValueOf(pointer()))
		}
		hold(array.Interface(), made.Interface(), reflect.MakeSlice(reflect.SliceOf(made.Elem().Type()), 3, 5).Interface())
	}
}

func large() {
	// Larger than what is read of a heap at a time (512 KB), and types whose masks are given by programs.
	several := make([]*mixed, 100000)
	for i := 0; i < len(several); i += 7 {
		several[i] = pointer()
	}
	alone(several, filled(9000), make([]byte, 1<<20+1))
	array := new([3000]mixed)
	for i := 0; i < len(array); i += 5 {
		fill(&array[i])
	}
	for i := 0; i < 3; i++ {
		one := &wide{}
		copy(one.pointers[:], pointers(len(one.pointers)))
		fill(&one.rest[0])
		fill(&one.rest[29])
		alone(one)
		hold(&one.rest[7])
	}
	alone(array, make([]wide, 5), new([9]wide))
}

// Objects in a row until one lies in two arenas (of 64 MB), which have their own tables each. What fills the first is never touched.
func across() {
	const arena, block = 64 << 20, 1 << 20
	rest := arena - uintptr(unsafe.Pointer(&make([]byte, block)[0]))%arena
	if rest > 4*block {
		hold(make([]byte, rest-3*block-block/2))
	}
	for crossed := false; !crossed; {
		row := make([]sparse, block/unsafe.Sizeof(sparse{})-10)
		for i := range row {
			row[i].first = pointer()
		}
		hold(row)
		first, last := uintptr(unsafe.Pointer(&row[1])), uintptr(unsafe.Pointer(&row[len(row)-1]))
		crossed = first/arena != last/arena
	}
}

func maps() {
	texts, growing, shrunk := map[string]*mixed{}, map[int]*mixed{}, map[string][]string{}
	numbers, values, arrays := map[int64]int64{}, map[string][200]byte{}, map[[20]int]bool{}
	anything := map[interface{}]interface{}{}
	for i := 0; i < 3000; i++ {
		key := fmt.Sprint("a key which is long enough: ", i)
		texts[key] = pointer()
		shrunk[key] = []string{key}
		numbers[int64(i)] = int64(uintptr(unsafe.Pointer(pool[i%len(pool)])))
		if i < 300 {
			values[key] = [200]byte{1}
			arrays[[20]int{i}] = true
			anything[i], anything[key] = pointer(), key
		}
	}
	for i := 0; i < 6*256+256/2+10; i++ { // one bucket more, and its entries have not all moved yet (until 1.23)
		growing[i] = pointer()
	}
	for i := 0; i < 3000; i += 2 + i%2 {
		delete(shrunk, fmt.Sprint("a key which is long enough: ", i))
	}
	for i := 0; i < 60; i++ {
		few := map[int]*mixed{}
		for k := 0; k < i%20; k++ {
			few[k] = pointer()
		}
		hold(few)
	}
	alone(texts, growing, shrunk, numbers, values, arrays, anything)
	hold(&texts, map[string]int{}, map[int]*mixed(nil))
	synced := &sync.Map{}
	for i := 0; i < 200; i++ {
		synced.Store(i, pointer())
	}
	hold(synced)
}

var recycled sync.Pool

func holders() {
	for i := 0; i < 100; i++ {
		full, bare := make(chan *mixed, 10), make(chan int64, 10)
		signals := make(chan struct{}, i)
		for k := 0; k < i%11; k++ {
			full <- pointer()
			bare <- int64(k)
		}
		hold(full, bare, signals, make(chan mixed, i%3))
	}
	for i := 0; i < 100; i++ {
		one, other := &mixed{}, pool[i]
		fill(one)
		runtime.SetFinalizer(one, func(m *mixed) { other.number = m.number })
		hold(one)
	}
}

// What is allocated behind the last collection: in use, garbage, and in a pool, which a collection empties.
func sinceCollection() {
	for i := 0; i < 200; i++ {
		recycled.Put(&mixed{next: pool[i]})
		pool[i].list = []*mixed{pool[i+1], {next: pool[i+2]}}
	}
}
