// A heap of which the program itself says what is in it: every object of its own types, counted as they are made, each held by
// a global variable. The command "types" returns the counts, once garbage is gone.
package main

import (
	"fmt"
	"runtime"
	"sync"

	"goshawk.test/programs/truth"
)

func main() {
	truth.Program("objects", objects)
	truth.Main()
}

type point struct {
	x, y  int64
	label string
}

func (p *point) String() string { return p.label }

// A value that goes into an interface in a box of its own.
type boxed struct{ a, b, c int64 }

func (b boxed) String() string { return "boxed" }

type link struct {
	next  *link
	value [5]int64
}

type tree struct {
	left, right *tree
	data        *[512]byte
}

type base struct {
	id   int64
	name string
}

// Another slot than base alone.
type derived struct {
	base
	extra *point
}

type small struct {
	a *point
	b [4]int64
}

// The same slot as small alone: a pointer to its beginning does not tell that there is more.
type large struct {
	small
	flag int64
}

type pair[K any, V any] struct {
	key   K
	value V
	next  *pair[K, V]
}

type record struct {
	id    int64
	owner *point
	tags  []string
}

type registry map[string]*node

type node struct {
	name     string
	children []*node
	attached interface{}
}

type message struct {
	from *point
	body []byte
}

type wide struct{ numbers [300]int64 }

type secret struct{ a, b, c *int64 }

type content struct{ numbers [25]int64 }

// The same slot as its content alone, which a variable points to.
type parcel struct {
	number int64
	content
}

var (
	points    []*point
	chain     *link
	root      *tree
	bases     []*base
	smalls    []*small
	pairs     *pair[string, int]
	records   []record
	byName    map[string]*point
	byNumber  map[int64]wide
	reg       registry
	messages  chan message
	signals   chan struct{}
	functions []func() int64
	things    []fmt.Stringer
	anything  interface{}
	numbers   *[100000]int64
	texts     []string
	wides     []*wide
	pointers  [][]*record
	nested    map[int]map[int]*node
	secrets   []*secret
	inside    *content
)

var made = map[string]int{}

var counting sync.Mutex

func count(name string, n int) {
	counting.Lock()
	defer counting.Unlock()
	made["main."+name] += n
}

func newPoint(i int) *point {
	count("point", 1)
	return &point{int64(i), 2, fmt.Sprintf("a point with the number %d, told at length", i)}
}

func newNode(depth int) *node {
	count("node", 1)
	n := &node{name: fmt.Sprintf("a node at the depth of %d, told at length", depth)}
	if depth > 0 {
		for i := 0; i < 3; i++ {
			n.children = append(n.children, newNode(depth-1))
		}
	} else {
		n.attached = newPoint(depth)
	}
	return n
}

func grow(depth int) *tree {
	if depth == 0 {
		return nil
	}
	count("tree", 1)
	return &tree{grow(depth - 1), grow(depth - 1), new([512]byte)}
}

func objects(fixed bool) {
	plainOnes()
	maps()
	others()
	truth.CollectFirst()
	truth.OnCommand("types", func(string) interface{} {
		runtime.GC()
		runtime.GC()
		return made
	})
}

func plainOnes() {
	for i := 0; i < 5000; i++ {
		points = append(points, newPoint(i))
		texts = append(texts, fmt.Sprintf("a text of its own, which nobody else has, with the number %d", i))
	}
	for i := 0; i < 3000; i++ {
		chain = &link{next: chain}
		count("link", 1)
		pairs = &pair[string, int]{fmt.Sprintf("a key that is longer than sixteen bytes: %d", i), i, pairs}
		count("pair[string,int]", 1)
	}
	root = grow(11)
	for i := 0; i < 2000; i++ {
		d := &derived{base{int64(i), "name"}, points[i]}
		count("derived", 1)
		bases = append(bases, &d.base)
		if i%2 == 0 {
			l := &large{small{a: points[i]}, 0}
			count("large", 1)
			smalls = append(smalls, &l.small)
		} else {
			count("small", 1)
			smalls = append(smalls, &small{a: points[i]})
		}
	}
	records = make([]record, 1000)
	for i := range records {
		records[i] = record{int64(i), points[i], []string{texts[i], texts[i+1]}}
	}
	for i := 0; i < 200; i++ {
		wides = append(wides, new(wide))
		count("wide", 1)
	}
}

func maps() {
	byName = map[string]*point{}
	byNumber = map[int64]wide{}
	reg = registry{}
	count("registry", 1)
	nested = map[int]map[int]*node{}
	for i := 0; i < 3000; i++ {
		byName[texts[i]] = newPoint(i)
	}
	for i := 0; i < 100; i++ {
		byNumber[int64(i)] = wide{} // too large to lie in the map itself
		count("wide", 1)
	}
	for i := 0; i < 300; i++ {
		reg[fmt.Sprintf("the name of the node that is number %d", i)] = newNode(2)
		nested[i] = map[int]*node{1: newNode(0), 2: newNode(1)}
	}
}

func others() {
	messages = make(chan message, 100)
	for i := 0; i < 100; i++ {
		messages <- message{newPoint(i), make([]byte, 100)}
	}
	signals = make(chan struct{}, 10)
	for i := 0; i < 1000; i++ {
		i, p := int64(i), points[i]
		functions = append(functions, func() int64 { return p.x + i })
		if i%2 == 0 {
			things = append(things, newPoint(int(i)))
		} else {
			things = append(things, boxed{i, i, i})
			count("boxed", 1)
		}
	}
	anything = newNode(3)
	numbers = new([100000]int64)
	for i := 0; i < 50; i++ {
		row := make([]*record, 20)
		for k := range row {
			row[k] = &record{int64(k), points[k], nil}
			count("record", 1)
		}
		pointers = append(pointers, row)
	}
	inside = &(&parcel{number: 1}).content
	count("parcel", 1)
	for i := 0; i < 500; i++ {
		secrets = append(secrets, &secret{new(int64), new(int64), new(int64)})
		count("secret", 1)
	}
}
