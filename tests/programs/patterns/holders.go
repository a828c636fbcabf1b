package main

// Every place that can hold a channel and wake who waits on it. "wake" really wakes them, so to prove one leaked is false.

import (
	"container/list"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Correct("held_by_globals", heldByGlobals)
	truth.Correct("held_in_the_heap", heldInTheHeap)
	truth.Correct("held_by_live_goroutines", heldByLiveGoroutines)
	truth.Correct("held_by_timers", heldByTimers)
	truth.Correct("global_sync_objects", globalSyncObjects)
	truth.Correct("signal_notify", signalNotify)
	truth.Program("held_by_leaked", heldByLeaked)
	truth.Program("element_in_closure", elementInClosure)
	truth.Program("chain_of_goroutines", chainOfGoroutines)
	truth.Program("held_by_sync_pool", heldBySyncPool)
	truth.Program("held_by_finalizer", heldByFinalizer)
}

// waiter starts a goroutine that waits on a new channel and wakes, and returns the channel, which the caller stores somewhere.
func waiter() chan *holder {
	truth.Expect(1)
	ch := make(chan *holder)
	go func() {
		truth.Wakes()
		<-ch
	}()
	return ch
}

var (
	globalChannel   chan *holder
	globalPointer   *struct{ deep **chan *holder }
	globalArray     [5]chan *holder
	globalSlice     []chan *holder
	globalInterface interface{}
	globalFunc      func()
	globalMap       = map[string]chan *holder{}
	globalKeys      = map[interface{}]bool{}
	globalBigValues = map[int][40]chan *holder{}
	globalSyncMap   sync.Map
	globalAtomic    atomic.Value
	globalList      = list.New()
	globalUnsafe    unsafe.Pointer
)

func heldByGlobals() {
	globalChannel = waiter()
	deep := waiter()
	pointer := &deep
	globalPointer = &struct{ deep **chan *holder }{&pointer}
	globalArray[4] = waiter()
	globalSlice = make([]chan *holder, 0, 4)
	_ = append(globalSlice, nil, nil, waiter()) // beyond the length
	globalInterface = struct {
		a, b int
		ch   chan *holder
	}{1, 2, waiter()}
	captured := waiter()
	globalFunc = func() { close(captured) }
	for i := 0; i < 100; i++ {
		globalMap[string(rune('a'+i))] = nil
		globalKeys[i] = true
		globalBigValues[i] = [40]chan *holder{}
	}
	globalMap["held"] = waiter()
	globalKeys[waiter()] = true
	globalBigValues[1000] = [40]chan *holder{39: waiter()}
	globalSyncMap.Store("held", waiter())
	globalAtomic.Store(&holderOf{waiter()})
	globalList.PushBack(waiter())
	hidden := waiter()
	globalUnsafe = *(*unsafe.Pointer)(unsafe.Pointer(&hidden))
	truth.OnWake(wakeGlobals)
}

type holderOf struct{ ch chan *holder }

func wakeGlobals() {
	close(globalChannel)
	close(**globalPointer.deep)
	close(globalArray[4])
	close(globalSlice[:3][2])
	close(globalInterface.(struct {
		a, b int
		ch   chan *holder
	}).ch)
	globalFunc()
	close(globalMap["held"])
	for key := range globalKeys {
		if ch, is := key.(chan *holder); is {
			close(ch)
		}
	}
	close(globalBigValues[1000][39])
	held, _ := globalSyncMap.Load("held")
	close(held.(chan *holder))
	close(globalAtomic.Load().(*holderOf).ch)
	close(globalList.Front().Value.(chan *holder))
	close(*(*chan *holder)(unsafe.Pointer(&globalUnsafe)))
}

type tree struct {
	left, right *tree
	payload     [3]uintptr
	leaf        chan *holder
}

// Objects of every size class, arrays, trees and types made by reflection, all hanging on one pointer.
func heldInTheHeap() {
	root := &struct{ things []interface{} }{}
	hold := func(thing interface{}) { root.things = append(root.things, thing) }
	top := &tree{}
	for node, depth := top, 0; depth < 50; depth++ {
		node.left, node.right = &tree{}, &tree{}
		if depth == 49 {
			node.leaf = waiter()
		}
		node = node.right
	}
	hold(top)
	for _, length := range []int{1, 2, 3, 5, 8, 13, 60, 64, 65, 100, 500, 1000, 4096, 5000, 100000} {
		channels := make([]chan *holder, length)
		channels[length-1] = waiter()
		hold(channels)
		structs := make([]struct {
			plain uint32
			ch    chan *holder
			text  string
		}, length)
		structs[length/2].ch = waiter()
		hold(structs)
	}
	made := reflect.New(reflect.StructOf([]reflect.StructField{
		{Name: "A", Type: reflect.TypeOf(0)},
		{Name: "C", Type: reflect.TypeOf((chan *holder)(nil))},
		{Name: "Z", Type: reflect.ArrayOf(70, reflect.TypeOf(""))},
	}))
	made.Elem().Field(1).Set(reflect.ValueOf(waiter()))
	hold(made.Interface())
	array := reflect.New(reflect.ArrayOf(300, reflect.TypeOf((chan *holder)(nil))))
	array.Elem().Index(299).Set(reflect.ValueOf(waiter()))
	hold(array.Interface())
	inner := &[64]chan *holder{63: waiter()}
	hold(&inner[20]) // an interior pointer keeps the whole array
	queueOfChannels := make(chan chan *holder, 10)
	queueOfChannels <- waiter()
	hold(queueOfChannels)
	truth.OnWake(func() { wakeThings(root.things) })
}

func wakeThings(things []interface{}) {
	for _, thing := range things {
		switch v := thing.(type) {
		case *tree:
			for node := v; node != nil; node = node.right {
				if node.leaf != nil {
					close(node.leaf)
				}
			}
		case *chan *holder:
			close(*(*chan *holder)(unsafe.Add(unsafe.Pointer(v), 43*unsafe.Sizeof(*v))))
		case chan chan *holder:
			close(<-v)
		default:
			closeAllIn(reflect.ValueOf(thing))
		}
	}
}

func closeAllIn(v reflect.Value) {
	switch v.Kind() {
	case reflect.Ptr:
		closeAllIn(v.Elem())
	case reflect.Slice, reflect.Array:
		for i := 0; i < v.Len(); i++ {
			closeAllIn(v.Index(i))
		}
	case reflect.Struct:
		for i := 0; i < v.NumField(); i++ {
			closeAllIn(v.Field(i))
		}
	case reflect.Chan:
		if !v.IsNil() {
			(*(*chan *holder)(unsafe.Pointer(v.UnsafeAddr()))) <- nil
		}
	}
}

// Local variables, arguments, results, deferred calls, closures, values on their way into a channel: all of live goroutines.
func heldByLiveGoroutines() {
	local, argument, deferred, inLoop, sent := waiter(), waiter(), waiter(), waiter(), waiter()
	go func() {
		onStack := [4]chan *holder{2: local}
		<-truth.Wake
		for i := range onStack {
			if onStack[i] != nil {
				close(onStack[i])
			}
		}
	}()
	go closeLater(argument, 1, 2)
	go func() {
		defer close(deferred)
		<-truth.Wake
	}()
	go func() {
		for i := 0; i < 3; i++ { // defer records in the heap
			if i == 1 {
				defer func(ch chan *holder) { close(ch) }(inLoop)
			}
		}
		<-truth.Wake
	}()
	rendezvous := make(chan chan *holder)
	go func() { rendezvous <- sent }()
	go func() {
		<-truth.Wake
		close(<-rendezvous)
	}()
	panicking := waiter()
	go func() {
		defer func() {
			<-truth.Wake
			close(recover().(*holderOf).ch)
		}()
		panic(&holderOf{panicking})
	}()
	selected := waiter()
	go func() {
		never := make(chan chan *holder)
		select {
		case never <- selected:
		case <-truth.Wake:
			close(selected)
		}
	}()
	started := waiter()
	truth.OnWake(func() { go closeLater(started, 3, 4) })
	deep := waiter()
	go recurse(60, deep)
	method := holderOf{waiter()}
	go method.closeLater()
	bound := (&holderOf{waiter()}).closeLater
	go bound()
}

//go:noinline
func closeLater(ch chan *holder, a, b int) int {
	<-truth.Wake
	close(ch)
	return a + b
}

func (h holderOf) closeLater() {
	<-truth.Wake
	close(h.ch)
}

//go:noinline
func recurse(depth int, ch chan *holder) (result chan *holder) {
	if depth == 0 {
		<-truth.Wake
		return ch
	}
	result = recurse(depth-1, ch)
	if depth == 60 {
		close(result)
	}
	return result
}

func heldByTimers() {
	truth.Expect(3)
	viaFunc, viaReset := make(chan *holder), make(chan *holder)
	time.AfterFunc(long, func() { close(viaFunc) })
	timer := time.AfterFunc(long, func() { close(viaReset) })
	timer.Stop()
	timer.Reset(2 * long)
	for _, ch := range []chan *holder{viaFunc, viaReset} {
		go func(ch chan *holder) {
			truth.Alive()
			<-ch
		}(ch)
	}
	rearmed := &rearming{ch: make(chan *holder)}
	rearmed.timer = time.AfterFunc(long, rearmed.fire)
	go func(ch chan *holder) {
		truth.Alive()
		<-ch
	}(rearmed.ch)
}

type rearming struct {
	timer *time.Timer
	ch    chan *holder
	fired int
}

func (r *rearming) fire() {
	if r.fired++; r.fired > 3 {
		close(r.ch)
	}
	r.timer.Reset(long)
}

var (
	globalMutex sync.Mutex
	globalRW    sync.RWMutex
	globalWG    sync.WaitGroup
	globalCond  = sync.NewCond(&sync.Mutex{})
	globalOpen  bool
)

func globalSyncObjects() {
	truth.Expect(5)
	globalMutex.Lock()
	globalRW.Lock()
	globalWG.Add(1)
	for _, wait := range []func(){
		globalMutex.Lock, globalWG.Wait, waitGlobalCond,
		func() { globalRW.RLock(); globalRW.RUnlock() },
		func() { globalRW.Lock(); globalRW.Unlock() },
	} {
		go func(wait func()) {
			truth.Wakes()
			wait()
		}(wait)
	}
	truth.OnWake(func() {
		globalMutex.Unlock()
		globalRW.Unlock()
		globalWG.Done()
		globalCond.L.Lock()
		globalOpen = true
		globalCond.L.Unlock()
		globalCond.Broadcast()
	})
}

func waitGlobalCond() {
	globalCond.L.Lock()
	for !globalOpen {
		globalCond.Wait()
	}
	globalCond.L.Unlock()
}

// Only the runtime's table of signal handlers knows the channel.
func signalNotify() {
	truth.Expect(1)
	ch := make(chan os.Signal, 1)
	signal.Notify(ch, syscall.SIGUSR1)
	go func() {
		truth.Wakes()
		<-ch
	}()
	truth.OnWake(func() { syscall.Kill(syscall.Getpid(), syscall.SIGUSR1) })
}

// A channel that only a leaked goroutine knows, in its stack, its defers and what it would send.
func heldByLeaked(fixed bool) {
	truth.Expect(5)
	gate := make(chan *holder)
	inStack, inDefer := make(chan *holder), make(chan *holder)
	sending, sent := make(chan chan *holder), make(chan *holder)
	go func() {
		leakedUnless(fixed, receive)
		defer close(inDefer)
		<-gate
		close(inStack)
		close(<-sending)
	}()
	for _, ch := range []chan *holder{inStack, inDefer} {
		go func(ch chan *holder) {
			leakedUnless(fixed, receive)
			<-ch
		}(ch)
	}
	go sendOne(sending, sent, fixed)
	go func() {
		leakedUnless(fixed, receive)
		<-sent
	}()
	if fixed {
		truth.OnWake(func() { close(gate) })
	}
}

func sendOne(to chan chan *holder, what chan *holder, fixed bool) {
	leakedUnless(fixed, send, abandoned)
	to <- what
}

// What is sent lies in the closure, an object in the heap that also knows the channel: a sender's element is no way to it.
func elementInClosure(fixed bool) {
	truth.Expect(1)
	ch, what := make(chan *holder), &holder{}
	go func() {
		leakedUnless(fixed, send, abandoned)
		ch <- what
	}()
	if fixed {
		truth.OnWake(func() { <-ch })
	}
}

// Each goroutine waits for the one before it; the first one waits for nobody, or for "wake".
func chainOfGoroutines(fixed bool) {
	const links = 200
	truth.Expect(links)
	previous := make(chan *holder)
	if fixed {
		first := previous
		truth.OnWake(func() { close(first) })
	}
	for i := 0; i < links; i++ {
		next := make(chan *holder)
		go link(previous, next, fixed)
		previous = next
	}
}

func link(previous, next chan *holder, fixed bool) {
	leakedUnless(fixed, receive)
	<-previous
	close(next)
}

var pool sync.Pool

// A pool holds what was put into it until two collections have passed.
func heldBySyncPool(fixed bool) {
	truth.Expect(1)
	ch := make(chan *holder)
	pooled := &holderOf{ch}
	go func() {
		if fixed {
			truth.Alive()
		} else {
			truth.Leaked(receive)
		}
		<-ch
	}()
	pool.Put(pooled)
	if !fixed {
		truth.CollectFirst()
	}
}

// A finalizer that will run wakes; one that has been taken off does not.
func heldByFinalizer(fixed bool) {
	truth.Expect(2)
	collectWhenToldOnly()
	for _, viaObject := range []bool{true, false} {
		ch := make(chan *holder)
		if fixed {
			plantFinalizer(ch, viaObject)
		}
		go func() {
			leakedUnless(fixed, receive)
			<-ch
		}()
	}
	if fixed {
		truth.OnWake(collectTwice)
	}
}

// The object with the finalizer is garbage already, or will be; its finalizer has not run yet, and wakes.
//
//go:noinline
func plantFinalizer(ch chan *holder, viaObject bool) {
	if viaObject {
		runtime.SetFinalizer(&holderOf{ch}, func(h *holderOf) { close(h.ch) })
		return
	}
	runtime.SetFinalizer(&holderOf{}, func(*holderOf) { close(ch) })
}

// What a collection would end is to stay as it is until a command asks for one: a dump of the runtime's own can be large enough
// to bring one on.
func collectWhenToldOnly() { debug.SetGCPercent(-1) }

func collectTwice() {
	runtime.GC()
	runtime.GC()
}
