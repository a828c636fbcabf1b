package main

// A question and its answer: who asks has gone when the answer is there, or waits for one that does not come.

import (
	"errors"
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("worker_returns_without_answer", workerReturnsWithoutAnswer)
	truth.Program("return_before_second_result", returnBeforeSecondResult)
	truth.Program("first_answer_wins", firstAnswerWins)
	truth.Program("result_after_timeout", resultAfterTimeout)
	truth.Program("error_without_return", errorWithoutReturn)
	truth.Program("one_receive_too_many", oneReceiveTooMany)
	truth.Program("request_dropped_when_busy", requestDroppedWhenBusy)
	truth.Program("queue_of_reply_channels", queueOfReplyChannels)
	truth.Program("promise_dropped", promiseDropped)
	truth.Program("actor_calls_itself", actorCallsItself)
}

var errBroken = errors.New("broken")

//go:noinline
func work(fails bool) (*job, error) {
	if fails {
		return nil, errBroken
	}
	return &job{}, nil
}

// The error path leaves without an answer; who asked waits for one.
func workerReturnsWithoutAnswer(fixed bool) {
	truth.Expect(2)
	for i := 0; i < 2; i++ {
		answer := make(chan *job)
		answering := func() {
			j, err := work(!fixed)
			if err != nil {
				return
			}
			answer <- j
		}
		if fixed {
			later(answering)
		} else {
			go answering()
		}
		go func() {
			leakedUnless(fixed, receive)
			<-answer
		}()
	}
}

// Two halves are fetched at once; the first one's failure makes the caller return before it takes the second.
func returnBeforeSecondResult(fixed bool) {
	truth.Expect(1)
	failed, second := make(chan error), make(chan *job)
	go func() {
		_, err := work(true)
		failed <- err
	}()
	go func() {
		leakedUnless(fixed, abandoned, send)
		j, _ := work(false)
		second <- j
	}()
	if err := <-failed; err != nil && !fixed {
		return
	}
	later(func() { <-second })
}

// Every replica is asked, the fastest answer is taken, the slower ones have nobody to give theirs to.
func firstAnswerWins(fixed bool) {
	const replicas = 4
	truth.Expect(replicas - 1)
	answers, taken := make(chan *job), make(chan struct{})
	for i := 0; i < replicas; i++ {
		go func(first bool) {
			if !first {
				<-taken
				leakedUnless(fixed, send, abandoned)
			}
			j, _ := work(false)
			answers <- j
		}(i == 0)
	}
	<-answers
	close(taken)
	if fixed {
		later(func() {
			for i := 1; i < replicas; i++ {
				<-answers
			}
		})
	}
}

// The caller gives up; with a buffer of one, or a reader that stays, the worker could end.
func resultAfterTimeout(fixed bool) {
	truth.Expect(3)
	for i := 0; i < 3; i++ {
		askWithTimeout(fixed)
	}
}

func askWithTimeout(fixed bool) *job {
	result, timeout, gone := make(chan *job), make(chan struct{}), make(chan struct{})
	defer close(gone)
	go func() {
		leakedUnless(fixed, abandoned)
		<-gone
		j, _ := work(false)
		result <- j
	}()
	if fixed {
		later(func() { <-result })
	}
	close(timeout)
	select {
	case <-timeout:
		return nil
	case j := <-result:
		return j
	}
}

// After the error is sent a return is missing: the second send has no receiver.
func errorWithoutReturn(fixed bool) {
	truth.Expect(1)
	outcome := make(chan error)
	go func() {
		leakedUnless(fixed, send, abandoned)
		_, err := work(true)
		if err != nil {
			outcome <- err
		}
		outcome <- nil
	}()
	<-outcome
	if fixed {
		later(func() { <-outcome })
	}
}

// Three jobs are waited for, of which one was refused and never started.
func oneReceiveTooMany(fixed bool) {
	truth.Expect(1)
	finished := make(chan *job)
	started := 2
	if fixed {
		later(func() { finished <- &job{} })
	}
	for i := 0; i < started; i++ {
		go func() { finished <- &job{} }()
	}
	go func() {
		leakedUnless(fixed, receive)
		for i := 0; i < 3; i++ {
			<-finished
		}
	}()
}

type request struct {
	what  *job
	reply chan *job
}

// A server that is busy throws requests away; who sent one waits for its reply all the same.
func requestDroppedWhenBusy(fixed bool) {
	const clients = 3
	truth.Expect(clients)
	queue := make(chan request, clients)
	if !fixed {
		queue = make(chan request) // and nobody takes from it yet
	}
	asked := &sync.WaitGroup{}
	asked.Add(clients)
	for i := 0; i < clients; i++ {
		go func() {
			leakedUnless(fixed, receive)
			r := request{&job{}, make(chan *job)}
			select {
			case queue <- r:
			default:
			}
			asked.Done()
			<-r.reply
		}()
	}
	asked.Wait()
	if fixed {
		later(func() {
			for i := 0; i < clients; i++ {
				r := <-queue
				r.reply <- r.what
			}
		})
	}
}

// What is sent is itself a channel, to be answered on. Who would have taken it is gone.
func queueOfReplyChannels(fixed bool) {
	truth.Expect(2)
	queue := make(chan chan *job)
	for i := 0; i < 2; i++ {
		go func() {
			leakedUnless(fixed, send, abandoned)
			reply := make(chan *job, 1)
			queue <- reply
			<-reply
		}()
	}
	if fixed {
		later(func() {
			for i := 0; i < 2; i++ {
				reply := <-queue
				reply <- &job{}
			}
		})
	}
}

type promise struct {
	done  chan struct{}
	value *job
}

func (p *promise) await() *job {
	<-p.done
	return p.value
}

func (p *promise) fulfil(j *job) {
	p.value = j
	close(p.done)
}

// A promise that nobody keeps any more.
func promiseDropped(fixed bool) {
	truth.Expect(3)
	p := &promise{done: make(chan struct{})}
	for i := 0; i < 3; i++ {
		go func() {
			leakedUnless(fixed, receive)
			consume(p.await())
		}()
	}
	if fixed {
		later(func() { p.fulfil(&job{}) })
	}
}

// One goroutine owns the state and takes messages; handling one, it sends itself another.
func actorCallsItself(fixed bool) {
	truth.Expect(1)
	mailbox := make(chan *job)
	go func() {
		for j := range mailbox {
			if j.next == nil {
				return
			}
			leakedUnless(fixed, send, abandoned)
			mailbox <- j.next
		}
	}()
	mailbox <- &job{next: &job{}}
	if fixed {
		later(func() {
			<-mailbox
			close(mailbox)
		})
	}
}
