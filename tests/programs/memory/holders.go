package main

// Who holds how much, known beforehand: a map in a variable, a list, what one goroutine's stack has, what two variables share.

import (
	"sync"
	"time"

	"goshawk.test/programs/truth"
)

type session struct {
	user string
	data *[1000]byte
}

type server struct {
	name     string
	sessions map[int]*session
}

type link struct {
	next *link
	data [900]byte
}

type drawer struct{ key, lock *link }

type cabinet struct {
	papers *link
	size   [75]int64
	drawer drawer
}

var (
	inside      *drawer // of a cabinet
	shop        *server
	list        *link
	one, other  *link
	workersWait = make(chan struct{})
)

func init() {
	truth.Correct("holders", func() {
		truth.OnCommand("sessions", counted(addSessions))
		truth.OnCommand("list", counted(func(n int) { list = links(n) }))
		truth.OnCommand("shared", counted(func(n int) { one = links(n); other = one }))
		truth.OnCommand("lent", counted(lend))
		truth.OnCommand("workers", counted(startWorkers))
		truth.OnCommand("sleeper", counted(startSleeper))
		truth.OnCommand("inside", counted(func(n int) { inside = &(&cabinet{papers: links(n)}).drawer }))
		truth.OnCommand("stats", stats)
	})
}

func addSessions(n int) {
	shop = &server{"shop", map[int]*session{}}
	for i := 0; i < n; i++ {
		shop.sessions[i] = &session{"user", new([1000]byte)}
	}
}

func links(n int) *link {
	var first *link
	for i := 0; i < n; i++ {
		first = &link{next: first}
	}
	return first
}

// A worker's stack has what a variable has.
func lend(n int) {
	var ready sync.WaitGroup
	ready.Add(1)
	one = links(n)
	go worker(one, ready.Done)
	ready.Wait()
}

// Ten of them share n links each evenly.
func startWorkers(n int) {
	var ready sync.WaitGroup
	for i := 0; i < 10; i++ {
		ready.Add(1)
		go worker(links(n/10), ready.Done)
	}
	ready.Wait()
}

func worker(own *link, ready func()) {
	ready()
	<-workersWait
	own.next = own
}

// Whoever looks in later finds it in time.Sleep.
func startSleeper(n int) {
	var ready sync.WaitGroup
	ready.Add(1)
	go refresher(links(n), ready.Done)
	ready.Wait()
}

func refresher(own *link, ready func()) {
	ready()
	for {
		time.Sleep(time.Hour)
		own.next = own
	}
}
