package main

// What is reachable from something that lives, and yet will not be woken: most leaks that are found in the field.
//
// Leak and twin have a registry of their own each, and nothing ever takes anything out of the leak's. The twin's goroutines are in the
// hands of one that lives.

import (
	"container/list"
	"sync"

	"goshawk.test/programs/truth"
)

func init() {
	truth.Program("pending_requests_map", pendingRequestsMap)
	truth.Program("forgotten_subscribers", forgottenSubscribers)
	truth.Program("list_of_stop_channels", listOfStopChannels)
	truth.Program("sessions_never_removed", sessionsNeverRemoved)
	truth.Program("observers_in_a_list", observersInAList)
	truth.Program("pools_of_old_configurations", poolsOfOldConfigurations)
	truth.Program("cache_entry_never_ready", cacheEntryNeverReady)
	truth.Program("global_result_channel", globalResultChannel)
	truth.LatestIsHeld("global_result_channel")
	truth.Program("last_request_kept", lastRequestKept)
	truth.LatestIsHeld("last_request_kept")
	truth.Program("waits_for_a_registered_one", waitsForARegisteredOne)
	truth.Correct("registry_read_by_requests_to_come", registryReadByRequestsToCome)
}

// A client of some protocol: who asks is entered under the number of his question, and the reader of the connection finds him there.
var (
	pendingLock    sync.Mutex
	pending        = map[int]chan *job{}
	pendingOfTwins = map[int]chan *job{}
)

// The connection is gone with its reader, the questions are still entered.
// Held by: pending (global map) -> the channel. Holder rule: parent has returned (the reader has; nothing else takes out of the map).
func pendingRequestsMap(fixed bool) {
	const questions = 3
	truth.Expect(questions)
	entered, first := pending, len(pending)
	if fixed {
		entered, first = pendingOfTwins, len(pendingOfTwins)
		later(func() {
			for i := 0; i < questions; i++ {
				entered[first+i] <- &job{id: i}
			}
		})
	}
	for i := 0; i < questions; i++ {
		answer := make(chan *job)
		pendingLock.Lock()
		entered[first+i] = answer
		pendingLock.Unlock()
		go func() {
			likelyUnless(fixed, truth.ParentReturned, receive)
			<-answer
		}()
	}
}

type bus struct {
	mu          sync.Mutex
	subscribers map[string][]chan *job
}

func (b *bus) subscribe(topic string) <-chan *job {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.subscribers == nil {
		b.subscribers = map[string][]chan *job{}
	}
	events := make(chan *job, 1)
	b.subscribers[topic] = append(b.subscribers[topic], events)
	return events
}

func (b *bus) end(topic string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, events := range b.subscribers[topic] {
		close(events)
	}
	delete(b.subscribers, topic)
}

var deafBus, busOfTwins bus

// Each visitor subscribes and none unsubscribes; nothing is published.
// Held by: deafBus (global) -> its map of slices -> the channel. Holder rule: append-only registry.
func forgottenSubscribers(fixed bool) {
	truth.Expect(4)
	b := &deafBus
	if fixed {
		b = &busOfTwins
		later(func() { b.end("news") })
	}
	for i := 0; i < 4; i++ {
		events := b.subscribe("news")
		go func() {
			likelyUnless(fixed, truth.AppendOnlyRegistry, receive)
			for event := range events {
				consume(event)
			}
		}()
	}
}

var stopChannels, stopChannelsOfTwins []chan struct{}

// Kept in order to be closed one day, by code that was never written.
// Held by: stopChannels (global slice) -> the channel. Holder rule: append-only registry.
func listOfStopChannels(fixed bool) {
	truth.Expect(3)
	for i := 0; i < 3; i++ {
		stop, work := make(chan struct{}), make(chan *job)
		if fixed {
			stopChannelsOfTwins = append(stopChannelsOfTwins, stop)
		} else {
			stopChannels = append(stopChannels, stop)
		}
		go func() {
			likelyUnless(fixed, truth.AppendOnlyRegistry, selecting)
			for {
				select {
				case j := <-work:
					consume(j)
				case <-stop:
					return
				}
			}
		}()
	}
	if fixed {
		all := stopChannelsOfTwins
		later(func() {
			for _, stop := range all {
				close(stop)
			}
		})
	}
}

type session struct {
	user     *job
	messages chan *job
	quit     chan struct{}
}

var sessions, sessionsOfTwins sync.Map

// Users come and are never logged out.
// Held by: sessions (global sync.Map) -> the session -> both channels. Holder rule: append-only registry.
func sessionsNeverRemoved(fixed bool) {
	truth.Expect(3)
	for i := 0; i < 3; i++ {
		s := &session{&job{id: i}, make(chan *job), make(chan struct{})}
		if fixed {
			sessionsOfTwins.Store(i, s)
			later(func() { close(s.quit) })
		} else {
			sessions.Store(s.user, s)
		}
		go func() {
			likelyUnless(fixed, truth.AppendOnlyRegistry, selecting)
			select {
			case j := <-s.messages:
				consume(j)
			case <-s.quit:
			}
		}()
	}
}

type observer struct {
	name    string
	changes chan *job
}

var observers, observersOfTwins = list.New(), list.New()

// Held by: observers (global list) -> its elements, each by its neighbour -> the observer. Holder rule: append-only registry.
func observersInAList(fixed bool) {
	truth.Expect(3)
	all := observers
	if fixed {
		all = observersOfTwins
	}
	for i := 0; i < 3; i++ {
		o := &observer{"view", make(chan *job)}
		all.PushBack(o)
		go func() {
			likelyUnless(fixed, truth.AppendOnlyRegistry, receive)
			for change := range o.changes {
				consume(change)
			}
		}()
	}
	if fixed {
		later(func() {
			for e := all.Front(); e != nil; e = e.Next() {
				close(e.Value.(*observer).changes)
			}
		})
	}
}

var oldPools, oldPoolsOfTwins []*pool

// Each new configuration makes a new pool; the old ones are remembered for the statistics, and go on waiting for tasks.
// Held by: oldPools (global slice) -> the pool -> tasks and quit. Holder rule: append-only registry.
func poolsOfOldConfigurations(fixed bool) {
	truth.Expect(4)
	for i := 0; i < 2; i++ {
		p := newPool(2, func() { likelyUnless(fixed, truth.AppendOnlyRegistry, selecting) })
		if fixed {
			oldPoolsOfTwins = append(oldPoolsOfTwins, p)
			later(p.stop)
		} else {
			oldPools = append(oldPools, p)
		}
	}
}

type cacheEntry struct {
	ready chan struct{}
	value *job
}

var cache, cacheOfTwins sync.Map

// The first one who asks loads, the others wait for it. The load failed, its entry stayed and was never made ready.
// Held by: cache (global) -> the entry -> ready. Holder rule: parent has returned.
func cacheEntryNeverReady(fixed bool) {
	truth.Expect(2)
	entry := &cacheEntry{ready: make(chan struct{})}
	load := func(fails bool) {
		value, err := work(fails)
		if err != nil {
			return
		}
		entry.value = value
		close(entry.ready)
	}
	if fixed {
		cacheOfTwins.Store("key", entry)
		later(func() { load(false) })
	} else {
		cache.Store(&job{}, entry)
		load(true)
	}
	for i := 0; i < 2; i++ {
		go func() {
			likelyUnless(fixed, truth.ParentReturned, receive)
			<-entry.ready
		}()
	}
}

var lastResult, lastResultOfTwins chan *job

// The caller returned early; its channel is in a global for the debugger's sake.
// Held by: lastResult (global) -> the channel. Holder rule: parent has returned.
func globalResultChannel(fixed bool) {
	truth.Expect(1)
	result := make(chan *job)
	if fixed {
		lastResultOfTwins = result
		later(func() { <-result })
	} else {
		lastResult = result
	}
	go func() {
		likelyUnless(fixed, truth.ParentReturned, abandoned, send)
		result <- &job{}
	}()
}

type handled struct {
	answer   chan *job
	previous *job
}

var statistics, statisticsOfTwins struct {
	count int
	last  *handled
}

// The statistics remember the last request, whose handler has timed out and returned.
// Held by: statistics (global) -> last -> the channel. Holder rule: parent has returned.
func lastRequestKept(fixed bool) {
	truth.Expect(1)
	h := &handled{answer: make(chan *job)}
	if fixed {
		statisticsOfTwins.last = h
		later(func() { <-h.answer })
	} else {
		statistics.last = h
	}
	go func() {
		likelyUnless(fixed, truth.ParentReturned, abandoned, send)
		h.answer <- &job{}
	}()
}

var tickets, ticketsOfTwins []chan *job

// The first one waits in a registry that nobody reads; the second one waits for the first.
// Held by: tickets (global slice) -> the first one's channel; the first one's stack -> the second one's channel.
// Holder rules: append-only registry for the first, owner is leaked for the second.
func waitsForARegisteredOne(fixed bool) {
	truth.Expect(2)
	ticket, served := make(chan *job), make(chan *job)
	if fixed {
		ticketsOfTwins = append(ticketsOfTwins, ticket)
		later(func() { ticket <- &job{} })
	} else {
		tickets = append(tickets, ticket)
	}
	go func() {
		likelyUnless(fixed, truth.AppendOnlyRegistry, receive)
		served <- <-ticket
	}()
	go func() {
		likelyUnless(fixed, truth.OwnerLeaked, receive)
		<-served
	}()
}

var (
	roomsLock sync.Mutex
	rooms     = map[string][]chan *job{}
)

func publish() {
	roomsLock.Lock()
	defer roomsLock.Unlock()
	for _, member := range rooms["lobby"] {
		close(member)
	}
}

// The test against every rule of registries: nobody who lives has these channels in hand, and yet they will be served, by goroutines
// that a request to come will start. Only the code that reads the registry tells.
func registryReadByRequestsToCome() {
	truth.Expect(4)
	for i := 0; i < 4; i++ {
		member := make(chan *job)
		roomsLock.Lock()
		rooms["lobby"] = append(rooms["lobby"], member)
		roomsLock.Unlock()
		go func() {
			truth.Wakes()
			for message := range member {
				consume(message)
			}
		}()
	}
	truth.OnWake(publish)
}
