package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	// Its handlers answer after a while of nothing: theirs is the result if the visitor waits that long.
	slowness = 2 * time.Millisecond
	spawners = 2 // children at a time, and no more: what is tested is goshawk, not fork
)

// What goes wrong inside, and no visitor may see.
var (
	children int64 // started and waited for
	lost     int64 // started, and wait did not give what they ended with
)

func serve() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/hello", hello)
	mux.HandleFunc("/work", work)
	mux.HandleFunc("/slow", slow)
	mux.HandleFunc("/leak", leak)
	go (&http.Server{Handler: mux}).Serve(listener)
	for i := 0; i < spawners; i++ {
		go spawn(int32(i))
	}
	say(map[string]interface{}{"address": listener.Addr().String(), "pid": os.Getpid()})
	obey(func() interface{} {
		return map[string]interface{}{"children": atomic.LoadInt64(&children), "lost": atomic.LoadInt64(&lost)}
	})
}

func hello(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "hello") }

// work makes garbage, so that the collector runs all the time, and answers what can be checked.
func work(w http.ResponseWriter, r *http.Request) {
	words := make([]string, 0, 16)
	for i := 0; i < 2000; i++ {
		words = append(words, fmt.Sprint(i))
	}
	io.WriteString(w, fmt.Sprint(len(strings.Join(words, ","))))
	runtime.Gosched()
}

func slow(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), slowness)
	defer cancel()
	<-ctx.Done()
	fmt.Fprint(w, "late")
}

// leak is the classic: nobody will take the result.
func leak(w http.ResponseWriter, r *http.Request) {
	result := make(chan string)
	go func() { result <- "too late" }()
	fmt.Fprint(w, "timed out")
}

// spawn has children all the time, whose ends are SIGCHLDs and whose exit codes only this process may take.
func spawn(code int32) {
	for {
		err := exec.Command("/bin/sh", "-c", fmt.Sprintf("exit %d", code+3)).Run()
		exit, ok := err.(*exec.ExitError)
		if ok && exit.Sys().(syscall.WaitStatus).ExitStatus() == int(code)+3 {
			atomic.AddInt64(&children, 1)
		} else {
			atomic.AddInt64(&lost, 1)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
