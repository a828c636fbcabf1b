// Package origins leaks in ways whose tests are told with more than their names, and in two (TestDeep, TestTimer) whose tests cannot be.
package origins

import (
	"os"
	"os/exec"
	"testing"
	"time"

	"goshawk.example/testruns/forgotten"
)

func TestTableLeak(t *testing.T) {
	t.Run("one", func(t *testing.T) { forgotten.Goroutine() })
}

// A worker of many tests, which lives on.
var jobs chan func()

func submit(job func()) {
	if jobs == nil {
		jobs = make(chan func())
		go func() {
			for job := range jobs {
				job()
			}
		}()
	}
	done := make(chan bool)
	jobs <- func() { job(); close(done) }
	<-done
}

func TestWorkerLeak(t *testing.T) { submit(forgotten.Goroutine) }

func TestDeep(t *testing.T) { descend(200) }

func descend(calls int) {
	if calls > 0 {
		descend(calls - 1)
		return
	}
	done := make(chan bool)
	go func() { forgotten.Goroutine(); close(done) }()
	<-done
}

func TestTimer(t *testing.T) {
	fired := make(chan bool)
	time.AfterFunc(0, leakAndClose(fired))
	<-fired
}

//go:noinline
func leakAndClose(done chan bool) func() {
	return func() { forgotten.Goroutine(); close(done) }
}

// One that lives long enough to be known as a Go program on a busy machine too.
func TestChild(t *testing.T) {
	if os.Getenv("ORIGINS_CHILD") != "" {
		time.Sleep(300 * time.Millisecond)
		return
	}
	child := exec.Command(os.Args[0], "-test.run=^TestChild$")
	child.Env = append(os.Environ(), "ORIGINS_CHILD=1")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
}
