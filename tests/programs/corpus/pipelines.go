package main

// Several goroutines in a row, beside each other or in a pool: one end goes away and the others are not told.

import (
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("consumer_leaves_pipeline", consumerLeavesPipeline)
	truth.Program("fan_in_abandoned", fanInAbandoned)
	truth.Program("one_reader_of_a_tee_gone", oneReaderOfATeeGone)
	truth.Program("batcher_never_flushed", batcherNeverFlushed)
	truth.Program("consumer_stopped_first", consumerStoppedFirst)
	truth.Program("merge_of_closed_inputs", mergeOfClosedInputs)
	truth.Program("field_never_made", fieldNeverMade)
	truth.Program("map_without_the_channel", mapWithoutTheChannel)
	truth.Program("stream_abandoned", streamAbandoned)
}

// generate gives numbers until it is told to stop; the leaky one cannot be told.
func generate(fixed bool, stop chan struct{}) <-chan *job {
	out := make(chan *job)
	go func() {
		leakedUnless(fixed, send, selecting, abandoned)
		defer close(out)
		for i := 0; ; i++ {
			if !fixed {
				out <- &job{id: i}
				continue
			}
			select {
			case out <- &job{id: i}:
			case <-stop:
				return
			}
		}
	}()
	return out
}

func transform(in <-chan *job, fixed bool, stop chan struct{}) <-chan *job {
	out := make(chan *job)
	go func() {
		leakedUnless(fixed, send, receive, selecting, abandoned)
		defer close(out)
		for j := range in {
			if !fixed {
				out <- &job{next: j}
				continue
			}
			select {
			case out <- &job{next: j}:
			case <-stop:
				return
			}
		}
	}()
	return out
}

// The first result is enough for the consumer.
func consumerLeavesPipeline(fixed bool) {
	truth.Expect(3)
	stop := make(chan struct{})
	for j := range transform(transform(generate(fixed, stop), fixed, stop), fixed, stop) {
		consume(j)
		break
	}
	if fixed {
		later(func() { close(stop) })
	}
}

// Three inputs are merged; a goroutine waits to close the merged channel after all of them.
func fanInAbandoned(fixed bool) {
	truth.Expect(4)
	merged, forwarding := make(chan *job), &sync.WaitGroup{}
	for i := 0; i < 3; i++ {
		input := make(chan *job, 2)
		input <- &job{}
		input <- &job{}
		close(input)
		forwarding.Add(1)
		go func() {
			leakedUnless(fixed, send)
			defer forwarding.Done()
			for j := range input {
				merged <- j
			}
		}()
	}
	go func() {
		leakedUnless(fixed, waitgroup)
		forwarding.Wait()
		close(merged)
	}()
	<-merged
	if fixed {
		later(func() {
			for j := range merged {
				consume(j)
			}
		})
	}
}

// What is read goes to both; one of them has stopped reading, which starves the other.
func oneReaderOfATeeGone(fixed bool) {
	truth.Expect(2)
	source, left, right := make(chan *job, 1), make(chan *job), make(chan *job)
	go func() {
		leakedUnless(fixed, send, abandoned)
		defer close(right)
		for j := range source {
			left <- j
			right <- j
		}
	}()
	go func() {
		leakedUnless(fixed, receive)
		for j := range right {
			consume(j)
		}
	}()
	source <- &job{}
	if fixed {
		close(source)
		later(func() { <-left })
	}
}

// Collects until the batch is full. The last batch never is, and nobody says that it was the last.
func batcherNeverFlushed(fixed bool) {
	const size = 4
	truth.Expect(2)
	in, batches, flush := make(chan *job), make(chan []*job), make(chan struct{})
	go func() {
		leakedUnless(fixed, selecting)
		defer close(batches)
		batch := []*job{}
		for len(batch) < size {
			select {
			case j := <-in:
				batch = append(batch, j)
			case <-flush:
				batches <- batch
				return
			}
		}
		batches <- batch
	}()
	go func() {
		leakedUnless(fixed, receive)
		for batch := range batches {
			consume(batch[0])
		}
	}()
	for i := 0; i < size-1; i++ {
		in <- &job{id: i}
	}
	if fixed {
		later(func() { close(flush) })
	}
}

// Shut down in the wrong order: the consumer obeys the stop signal, its producers do not know of one.
func consumerStoppedFirst(fixed bool) {
	const producers = 3
	truth.Expect(producers)
	events, stop, stopped := make(chan *job), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case j := <-events:
				consume(j)
			case <-stop:
				return
			}
		}
	}()
	close(stop)
	<-stopped
	for i := 0; i < producers; i++ {
		go func() {
			leakedUnless(fixed, send)
			events <- &job{}
		}()
	}
	if fixed {
		later(func() {
			for i := 0; i < producers; i++ {
				<-events
			}
		})
	}
}

// A closed input is set to nil, so that the select forgets it. After the last one it has nothing left to wait for.
func mergeOfClosedInputs(fixed bool) {
	truth.Expect(1)
	left, right := make(chan *job), make(chan *job)
	go func() {
		leakedUnless(fixed, nilChannel)
		for !fixed || left != nil || right != nil {
			select {
			case _, open := <-left:
				if !open {
					left = nil
				}
			case _, open := <-right:
				if !open {
					right = nil
				}
			}
		}
	}()
	closing := [2]chan *job{left, right}
	if fixed {
		later(func() { close(closing[0]); close(closing[1]) })
	} else {
		close(closing[0])
		close(closing[1])
	}
}

type subscriber struct {
	events chan *job
	name   string
}

// A constructor forgot one field.
func fieldNeverMade(fixed bool) {
	truth.Expect(1)
	s := &subscriber{name: "first"}
	if fixed {
		s.events = make(chan *job)
		later(func() { s.events <- &job{} })
	}
	go func() {
		leakedUnless(fixed, nilChannel)
		consume(<-s.events)
	}()
}

// A map answers with a nil channel for a name that it does not know.
func mapWithoutTheChannel(fixed bool) {
	truth.Expect(1)
	topics := map[string]chan *job{"orders": make(chan *job)}
	topic := "order"
	if fixed {
		topic = "orders"
		later(func() { <-topics[topic] })
	}
	go func() {
		leakedUnless(fixed, nilChannel)
		topics[topic] <- &job{}
	}()
}

// A stream of messages as remote calls have them: one goroutine receives from the wire, one sends, and the handle is what the
// caller has to read to its end or to close.
type stream struct {
	incoming, outgoing chan *job
	closed             chan struct{}
}

func openStream(fixed bool) *stream {
	s := &stream{make(chan *job), make(chan *job), make(chan struct{})}
	go func() {
		leakedUnless(fixed, selecting)
		for i := 0; ; i++ {
			select {
			case s.incoming <- &job{id: i}:
			case <-s.closed:
				return
			}
		}
	}()
	go func() {
		leakedUnless(fixed, selecting)
		for {
			select {
			case j := <-s.outgoing:
				consume(j)
			case <-s.closed:
				return
			}
		}
	}()
	return s
}

// The answer that mattered was the first one.
func streamAbandoned(fixed bool) {
	truth.Expect(2)
	s := openStream(fixed)
	s.outgoing <- &job{}
	<-s.incoming
	if fixed {
		later(func() { close(s.closed) })
	}
}
