//go:build !lean

package main

// Full load, for stops at random instants: stacks grow and shrink, collections never end, channels, locks, maps, timers and
// contexts are used as correct programs use them. Nothing that this load blocks on is ever lost, so only the goroutines planted
// beside it may be proven leaked.

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

func init() { truth.Program("load", load) }

func load(fixed bool) {
	for _, plant := range []func(bool){
		blockedReceive, blockedSend, blockedSelect, abandonedResult, nilChannel, emptySelect, mutexNeverReleased, rwmutexReader,
		rwmutexWriter, waitgroupNeverDone, condNeverSignalled, lockCycle, lostCancel, lostCancelOfChild, heldByLeaked,
		stoppedAfterFunc, deferredAndPanicking,
	} {
		plant(fixed)
	}
	for _, plant := range []func(){heldByGlobals, heldInTheHeap, heldByLiveGoroutines, heldByTimers, globalSyncObjects, ioWait, tickers} {
		plant()
	}
	truth.OnceAtRest(startLoad)
}

func startLoad() {
	debug.SetGCPercent(30)
	for _, work := range []func(){
		rendezvous, growStacks, churnMaps, fightForLocks, fanOut, cancelContexts, resetTimers, broadcast, shortLived, manySelects,
		allocateAll, handOver, callServices, shareConnections,
	} {
		go forever(work)
		go forever(work)
	}
}

// Unbuffered channels whose two ends wait for each other, and whose only references are in motion.
func rendezvous() {
	ping, pong := make(chan *holder), make(chan *holder)
	go func() {
		for h := range ping {
			pong <- h
		}
		close(pong)
	}()
	for i := 0; i < 100; i++ {
		ping <- &holder{}
		<-pong
	}
	close(ping)
	<-pong
}

func growStacks() {
	done := make(chan int)
	for i := 0; i < 4; i++ {
		go func(depth int) { done <- grow(depth, &holder{}) }(i * 300)
	}
	for i := 0; i < 4; i++ {
		<-done
	}
	runtime.Gosched()
}

//go:noinline
func grow(depth int, h *holder) int {
	var pad [16]*holder
	pad[depth%16] = h
	if depth == 0 {
		runtime.Gosched()
		return 0
	}
	return grow(depth-1, pad[depth%16]) + 1
}

func churnMaps() {
	m := map[int]chan *holder{}
	for i := 0; i < 2000; i++ {
		m[i] = make(chan *holder, 1)
		if i > 100 {
			delete(m, i-100)
		}
	}
	for _, ch := range m {
		go func(ch chan *holder) { ch <- &holder{} }(ch)
	}
	for _, ch := range m {
		<-ch
	}
}

func fightForLocks() {
	a := &account{}
	a.wg.Add(8)
	for i := 0; i < 8; i++ {
		go func(i int) {
			defer a.wg.Done()
			for n := 0; n < 50; n++ {
				switch i % 4 {
				case 0:
					a.mu.Lock()
					runtime.Gosched()
					a.mu.Unlock()
				case 1:
					a.rw.Lock()
					a.owner = &account{}
					runtime.Gosched()
					a.rw.Unlock()
				default:
					a.rw.RLock()
					runtime.Gosched()
					a.rw.RUnlock()
				}
			}
		}(i)
	}
	a.wg.Wait()
}

func fanOut() {
	jobs, results := make(chan *holder), make(chan *holder, 3)
	var wg sync.WaitGroup
	for i := 0; i < 5; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for job := range jobs {
				results <- &holder{next: job}
			}
		}()
	}
	go func() {
		for i := 0; i < 100; i++ {
			jobs <- &holder{}
		}
		close(jobs)
		wg.Wait()
		close(results)
	}()
	for range results {
	}
}

func cancelContexts() {
	parent, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for i := 0; i < 10; i++ {
		child, stop := context.WithTimeout(parent, time.Duration(i)*time.Millisecond)
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer stop()
			<-child.Done()
		}()
	}
	runtime.Gosched()
	cancel()
	wg.Wait()
}

func resetTimers() {
	timer := time.NewTimer(time.Millisecond)
	for i := 0; i < 5; i++ {
		select {
		case <-timer.C:
		case <-time.After(2 * time.Millisecond):
		}
		timer.Reset(time.Millisecond)
	}
	fired := make(chan *holder)
	time.AfterFunc(time.Millisecond, func() { close(fired) })
	<-fired
	ticker := time.NewTicker(time.Millisecond)
	<-ticker.C
	ticker.Stop()
}

func broadcast() {
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	var wg sync.WaitGroup
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			q.mu.Lock()
			defer q.mu.Unlock()
			for len(q.items) == 0 {
				q.ready.Wait()
			}
		}()
	}
	runtime.Gosched()
	q.mu.Lock()
	q.items = append(q.items, &holder{})
	q.mu.Unlock()
	q.ready.Broadcast()
	wg.Wait()
}

func shortLived() {
	done := make(chan *holder, 100)
	for i := 0; i < 100; i++ {
		go func() { done <- &holder{} }()
	}
	for i := 0; i < 100; i++ {
		<-done
	}
}

func manySelects() {
	channels := [4]chan *holder{}
	for i := range channels {
		channels[i] = make(chan *holder, i%2)
	}
	quit := make(chan *holder)
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case channels[0] <- nil:
				case channels[1] <- nil:
				case <-channels[2]:
				case <-channels[3]:
				case <-quit:
					return
				}
			}
		}()
	}
	for i := 0; i < 50; i++ {
		select {
		case <-channels[0]:
		case <-channels[1]:
		case channels[2] <- &holder{}:
		case channels[3] <- &holder{}:
		}
	}
	close(quit)
	wg.Wait()
}

func allocateAll() {
	var sink [64][]*tree
	for i := 0; i < 20000; i++ {
		sink[i%64] = append(sink[i%64], &tree{left: &tree{}, right: &tree{}})
	}
	runtime.Gosched()
}

// The only reference to a channel is in a value on its way through another channel.
func handOver() {
	carrier := make(chan chan *holder)
	for i := 0; i < 20; i++ {
		go func() {
			ch := make(chan *holder)
			carrier <- ch
			<-ch
		}()
	}
	for i := 0; i < 20; i++ {
		(<-carrier) <- &holder{}
	}
}
