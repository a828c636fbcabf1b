// Package endless has goroutines that go on by themselves when their tests are over: in loops without an exit, and twins that end.
package endless

import (
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var (
	rounds, stopped atomic.Int64
	errNotYet       = errors.New("not yet")
)

func work() { rounds.Add(1) }

func TestSleepingLeaks(t *testing.T) {
	go func() {
		for {
			time.Sleep(time.Hour)
			work()
		}
	}()
}

func TestSleepingDeeperLeaks(t *testing.T) {
	nap := func() { time.Sleep(time.Hour) }
	go func() {
		for {
			if nap(); rounds.Load() > 3 {
				continue
			}
			work()
		}
	}()
}

func TestRangeOverTickerLeaks(t *testing.T) {
	go func() {
		for range time.NewTicker(time.Hour).C {
			work()
		}
	}()
}

func TestAfterLeaks(t *testing.T) {
	go func() {
		for {
			<-time.After(time.Hour)
			work()
		}
	}()
}

func Example_leak() {
	go func() {
		for {
			time.Sleep(time.Hour)
		}
	}()
	// Output:
}

func listen(t *testing.T) *net.TCPListener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener.(*net.TCPListener)
}

// serve waits for connections until the listener is closed, or its time is over.
func serve(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		connection.Close()
	}
}

func TestListenerLeaks(t *testing.T) { go serve(listen(t)) }

// What the runtime keeps of goroutines that have ended it gives to later ones, the last of them first.
func TestListenersBehindOthersLeak(t *testing.T) {
	var others sync.WaitGroup
	for i := 0; i < 8; i++ {
		others.Add(1)
		go others.Done()
	}
	others.Wait()
	for i := 0; i < 8; i++ {
		go serve(listen(t))
	}
}

// The twins.

func TestCounts(t *testing.T) {
	go func() {
		for i := 0; i < 1000; i++ {
			time.Sleep(time.Hour)
		}
	}()
}

func TestAsksAFlag(t *testing.T) {
	go func() {
		for stopped.Load() == 0 {
			time.Sleep(time.Hour)
		}
	}()
}

func TestPollsForAWhile(t *testing.T) {
	go func() {
		for deadline := time.Now().Add(time.Hour); time.Now().Before(deadline); {
			time.Sleep(time.Minute)
		}
	}()
}

func try() error {
	if stopped.Load() == 0 {
		return errNotYet
	}
	return nil
}

func TestTriesAgain(t *testing.T) {
	go func() {
		for pause := time.Hour; ; pause *= 2 {
			if try() == nil {
				return
			}
			time.Sleep(pause)
		}
	}()
}

func TestTicksUntilDone(t *testing.T) {
	go func() {
		ticker := time.NewTicker(time.Hour)
		for range ticker.C {
			if try() == nil {
				break
			}
		}
		ticker.Stop()
	}()
}

func TestLeavesByASwitch(t *testing.T) {
	go func() {
		for {
			time.Sleep(time.Hour)
			switch rounds.Add(1) {
			case 1, 2:
				work()
			case 3:
				return
			case 4, 5, 6, 7:
				runtime.Gosched()
			}
		}
	}()
}

func leave() {
	if stopped.Load() > 0 {
		runtime.Goexit()
	}
}

func TestExits(t *testing.T) {
	go func() {
		for {
			time.Sleep(time.Hour)
			leave()
		}
	}()
}

func TestSkips(t *testing.T) {
	go func() {
		for {
			time.Sleep(time.Hour)
			if stopped.Load() > 0 {
				t.Skip()
			}
		}
	}()
}

func mustWork() {
	if stopped.Load() > 0 {
		panic("stopped")
	}
	work()
}

func TestRecovers(t *testing.T) {
	go func() {
		defer func() { recover() }()
		for {
			time.Sleep(time.Hour)
			mustWork()
		}
	}()
}

func TestRecoversFartherOut(t *testing.T) {
	go func() {
		defer func() { recover() }()
		loopFor(mustWork)
	}()
}

//go:noinline
func loopFor(work func()) {
	for {
		time.Sleep(time.Hour)
		work()
	}
}

var janitor sync.Once

func TestBeginsTheOneOfTheProgram(t *testing.T) {
	janitor.Do(func() { go loopFor(work) })
}

func TestListenerThatIsClosedLater(t *testing.T) {
	listener := listen(t)
	go serve(listener)
	go func() {
		time.Sleep(time.Hour)
		listener.Close()
	}()
}

func TestListenerThatATimerCloses(t *testing.T) {
	listener := listen(t)
	go serve(listener)
	time.AfterFunc(time.Hour, func() { listener.Close() })
}

func TestListenerWithADeadline(t *testing.T) {
	listener := listen(t)
	listener.SetDeadline(time.Now().Add(time.Hour))
	go serve(listener)
}

var kept net.Listener

func TestListenerThatIsKept(t *testing.T) {
	kept = listen(t)
	go serve(kept)
}

var server sync.Once

func TestListenerOfTheProgram(t *testing.T) {
	server.Do(func() { go serve(listen(t)) })
}
