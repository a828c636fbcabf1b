// A program whose only purpose is its debug information: it uses enough of the runtime and the
// standard library that the compiler describes every structure a reader of a Go process needs.
// It is built, never run.
package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sync"
	"time"
)

type node struct {
	next *node
	name string
	mu   sync.Mutex
	rw   sync.RWMutex
	wg   sync.WaitGroup
	cond *sync.Cond
	once sync.Once
	pool sync.Pool
	any  sync.Map
}

var keep []any

func main() {
	n := &node{name: os.Args[0]}
	n.cond = sync.NewCond(&n.mu)
	runtime.SetFinalizer(n, func(n *node) { keep = append(keep, n) })
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	timer, ticker, work := time.NewTimer(time.Second), time.NewTicker(time.Second), make(chan int)
	go func() {
		defer func() { keep = append(keep, recover()) }()
		n.rw.RLock()
		n.wg.Wait()
		n.cond.Wait()
		n.once.Do(func() { n.any.Store(n, n.pool.Get()) })
		select {
		case v := <-work:
			panic(v)
		case <-timer.C:
		case <-ticker.C:
		case <-ctx.Done():
		}
	}()
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		c, _ := l.Accept()
		keep = append(keep, c)
	}
	words := map[string]*node{"a": n}
	types := map[reflect.Type]int{reflect.TypeOf(words): 1}
	for t := range types {
		keep = append(keep, t.Elem(), reflect.MakeFunc(reflect.TypeOf(main), nil), reflect.New(t))
	}
	var out bytes.Buffer
	pprof.Lookup("goroutine").WriteTo(&out, 2)
	pprof.Do(ctx, pprof.Labels("k", "v"), func(context.Context) {})
	debug.FreeOSMemory()
	newer(n)
	fmt.Println(out.Len(), words, len(keep))
}
