package main

// Workers, and those who give them work: jobs that do not come, places that are not given back, one who is never told to stop.

import (
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("jobs_never_closed", jobsNeverClosed)
	truth.Program("pool_without_stop", poolWithoutStop)
	truth.Program("all_workers_died", allWorkersDied)
	truth.Program("channel_semaphore_not_released", channelSemaphoreNotReleased)
	truth.Program("tokens_run_out", tokensRunOut)
	truth.Program("logger_without_close", loggerWithoutClose)
}

// All jobs are done, the workers wait for more.
func jobsNeverClosed(fixed bool) {
	const workers = 3
	truth.Expect(workers)
	jobs, results := make(chan *job), make(chan *job, 12)
	for i := 0; i < workers; i++ {
		go func() {
			leakedUnless(fixed, receive)
			for j := range jobs {
				results <- j
			}
		}()
	}
	for i := 0; i < cap(results); i++ {
		jobs <- &job{id: i}
	}
	if fixed {
		later(func() { close(jobs) })
	}
}

type pool struct {
	tasks   chan func()
	quit    chan struct{}
	running sync.WaitGroup
}

func newPool(workers int, declare func()) *pool {
	p := &pool{tasks: make(chan func()), quit: make(chan struct{})}
	p.running.Add(workers)
	for i := 0; i < workers; i++ {
		go p.worker(declare)
	}
	return p
}

func (p *pool) worker(declare func()) {
	declare()
	defer p.running.Done()
	for {
		select {
		case task := <-p.tasks:
			task()
		case <-p.quit:
			return
		}
	}
}

func (p *pool) stop() {
	close(p.quit)
	p.running.Wait()
}

// Made for one request, used, dropped.
func poolWithoutStop(fixed bool) {
	truth.Expect(4)
	p := newPool(4, func() { leakedUnless(fixed, selecting) })
	done := make(chan struct{})
	p.tasks <- func() { close(done) }
	<-done
	if fixed {
		later(p.stop)
	}
}

// Each worker met a job that made it panic; who submits has nobody left.
func allWorkersDied(fixed bool) {
	const workers = 2
	truth.Expect(1)
	jobs, dead := make(chan *job), &sync.WaitGroup{}
	dead.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			defer dead.Done()
			defer func() { _ = recover() }()
			for j := range jobs {
				j.next.id++
			}
		}()
	}
	go func() {
		leakedUnless(fixed, send, abandoned)
		for i := 0; i <= workers; i++ {
			jobs <- &job{}
		}
	}()
	dead.Wait()
	if fixed {
		later(func() { <-jobs })
	}
}

// Places are channel slots. One taker returned on its error path without giving its place back, for each place.
func channelSemaphoreNotReleased(fixed bool) {
	const places = 2
	truth.Expect(3)
	slots := make(chan *job, places)
	for i := 0; i < places; i++ {
		slots <- &job{}
		if _, err := work(true); err != nil {
			continue
		}
		<-slots
	}
	for i := 0; i < 3; i++ {
		go func() {
			leakedUnless(fixed, send)
			slots <- &job{}
			<-slots
		}()
	}
	if fixed {
		later(func() { <-slots; <-slots })
	}
}

// A bucket of tokens whose filler has been stopped.
func tokensRunOut(fixed bool) {
	truth.Expect(2)
	tokens := make(chan *job, 2)
	fill := func() {
		tokens <- &job{}
		tokens <- &job{}
	}
	fill()
	<-tokens
	<-tokens
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, receive)
			<-tokens
		}()
	}
	if fixed {
		later(fill)
	}
}

type logger struct {
	lines chan *job
	file  []*job
}

func newLogger(fixed bool) *logger {
	l := &logger{lines: make(chan *job, 8)}
	go func() {
		leakedUnless(fixed, receive)
		for line := range l.lines {
			l.file = append(l.file, line)
		}
	}()
	return l
}

// One is made for each request, and Close is nobody's job.
func loggerWithoutClose(fixed bool) {
	truth.Expect(3)
	for i := 0; i < 3; i++ {
		l := newLogger(fixed)
		l.lines <- &job{}
		if fixed {
			later(func() { close(l.lines) })
		}
	}
}
