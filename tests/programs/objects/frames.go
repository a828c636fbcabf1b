package main

// Objects to which nothing leads but what debug information alone tells the type of: local variables of goroutines that wait,
// closures, values without a name among the global variables, the elements of a list. All of these types have one layout, so that
// a wrong one is found out by nothing but their number.

import (
	"container/list"
	"runtime"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Correct("held_by_frames", heldByFrames)
}

type byParameter struct {
	ofByParameter *int64
	v             [5]int64
}

type byLocal struct {
	ofByLocal *int64
	v         [5]int64
}

type bySlice struct {
	ofBySlice *int64
	v         [5]int64
}

type inStruct struct {
	ofInStruct *int64
	v          [5]int64
}

type inMap struct {
	ofInMap *int64
	v       [5]int64
}

type moved struct {
	ofMoved *int64
	v       [5]int64
}

type early struct {
	ofEarly *int64
	v       [5]int64
}

type late struct {
	ofLate *int64
	v      [5]int64
}

type inScope struct {
	ofInScope *int64
	v         [5]int64
}

type inOther struct {
	ofInOther *int64
	v         [5]int64
}

type byValue struct {
	ofByValue *int64
	v         [5]int64
}

type inCapture struct {
	ofInCapture *int64
	v           [5]int64
}

type byVariable struct {
	ofByVariable *int64
	v            [5]int64
}

type ofMethod struct {
	ofOfMethod *int64
	v          [5]int64
}

type inConfig struct {
	ofInConfig *int64
	v          [5]int64
}

type inLimits struct {
	ofInLimits *int64
	v          [5]int64
}

type inRow struct {
	ofInRow *int64
	v       [5]int64
}

type listed struct {
	ofListed *int64
	v        [5]int64
}

type ofGeneric struct {
	ofOfGeneric *int64
	v           [5]int64
}

type limits struct {
	least  int
	values *inLimits
}

type config struct {
	name    string
	current *inConfig
	limits  limits
}

type row struct{ cell *inRow }

// The compiler lays out what these lead to, in static data.
var (
	settings = &config{name: "static"}
	rows     = []*row{{}, {}, {}}

	callbacks []func() int64
	entries   = map[int]*list.Element{}
)

type box[T any] struct {
	value T
	next  *box[T]
	held  *ofGeneric
}

type frame struct {
	number int
	held   *inStruct
	more   [4]int64
}

const goroutines = 20

//go:noinline
func newOf[T any](name string) *T {
	count(name, 1)
	return new(T)
}

//go:noinline
func (f *frame) use() int { return f.number }

func park() {
	truth.Wakes()
	<-truth.Wake
}

//go:noinline
func holdParameter(p *byParameter) {
	park()
	runtime.KeepAlive(p)
}

//go:noinline
func newSlice(n int) []bySlice {
	count("bySlice", 1)
	return make([]bySlice, n)
}

//go:noinline
func newMap() map[int]*inMap {
	all := map[int]*inMap{}
	for k := 0; k < 10; k++ {
		all[k] = newOf[inMap]("inMap")
	}
	return all
}

//go:noinline
func holdLocals(i int) {
	local := newOf[byLocal]("byLocal")
	several := newSlice(i%2 + 1)
	var whole frame
	whole.held = newOf[inStruct]("inStruct")
	whole.use()
	byNumber := newMap()
	park()
	runtime.KeepAlive(local)
	runtime.KeepAlive(several)
	runtime.KeepAlive(byNumber)
	whole.use()
}

// The variable is moved to the heap.
//
//go:noinline
func holdMoved() {
	var value moved
	count("moved", 1)
	hand(&value)
	park()
	value.v[0]++
}

var handed *moved

//go:noinline
func hand(value *moved) {
	counting.Lock()
	defer counting.Unlock()
	handed = value
	handed = nil
}

//go:noinline
func callbackOf(f func()) { runtime.KeepAlive(f) }

// What was in a register and saved before may have been saved where the later one is.
//
//go:noinline
func holdAfterOthers() {
	before := newOf[early]("early")
	callbackOf(func() {})
	runtime.KeepAlive(before)
	after := newOf[late]("late")
	park()
	runtime.KeepAlive(after)
}

// Two variables that are not alive at once may share a place.
//
//go:noinline
func holdInScopes(first bool, at int) {
	if first {
		var many [6]*inScope
		many[at%6] = newOf[inScope]("inScope")
		park()
		runtime.KeepAlive(many[at%6])
	} else {
		var many [6]*inOther
		many[at%6] = newOf[inOther]("inOther")
		park()
		runtime.KeepAlive(many[at%6])
	}
}

//go:noinline
func keepClosures() {
	value := newOf[byValue]("byValue")
	pair := frame{held: nil}
	inside := struct{ p *inCapture }{newOf[inCapture]("inCapture")}
	var variable *byVariable
	callbacks = append(callbacks, func() int64 {
		return value.v[0] + inside.p.v[0] + int64(pair.number)
	}, func() int64 {
		variable = newOf[byVariable]("byVariable")
		return variable.v[1]
	})
	callbacks[len(callbacks)-1]()
}

func (o *ofMethod) total() int64 { return o.v[0] }

//go:noinline
func keepList() {
	all := list.New()
	for i := 0; i < 200; i++ {
		entries[i] = all.PushBack(newOf[listed]("listed"))
		count("Element", 1)
	}
}

//go:noinline
func (b *box[T]) wait() {
	truth.Wakes()
	<-truth.Wake
	runtime.KeepAlive(b)
}

func start(f func()) {
	truth.Expect(1)
	go f()
}

func heldByFrames() {
	for i := 0; i < goroutines; i++ {
		i := i
		start(func() { holdParameter(newOf[byParameter]("byParameter")) })
		start(func() { holdLocals(i) })
		start(holdMoved)
		start(holdAfterOthers)
		start(func() { holdInScopes(i%2 == 0, i) })
		start(func() {
			count("box[string]", 1)
			(&box[string]{held: newOf[ofGeneric]("ofGeneric")}).wait()
		})
		keepClosures()
		callbacks = append(callbacks, newOf[ofMethod]("ofMethod").total)
	}
	settings.current = newOf[inConfig]("inConfig")
	settings.limits.values = newOf[inLimits]("inLimits")
	for _, one := range rows {
		one.cell = newOf[inRow]("inRow")
	}
	keepList()
	truth.CollectFirst()
	truth.OnCommand("types", func(string) interface{} {
		runtime.GC()
		runtime.GC()
		return made
	})
}
