// What the shop keeps, what of it is healthy, and how a test knows that it has come to rest.
package main

import (
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"
)

// shop counts what its handlers have left behind, so that parked() knows what to wait for. The
// order queue is healthy: its workers wait on a channel that every handler can reach.
type shop struct {
	orders chan chan bool

	mu   sync.Mutex
	left map[string]int // by name of the function that stays
}

func newShop() *shop {
	s := &shop{orders: make(chan chan bool), left: map[string]int{}}
	for i := 0; i < 4; i++ {
		go s.fillOrders()
	}
	return s
}

func (s *shop) leave(function string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.left[function]++
}

func (s *shop) order(w http.ResponseWriter, r *http.Request) {
	filled := make(chan bool)
	s.orders <- filled
	fmt.Fprintln(w, "filled:", <-filled)
}

func (s *shop) fillOrders() {
	for filled := range s.orders {
		filled <- true
	}
}

// parked answers once the runtime's own dump shows every goroutine left behind as waiting.
func (s *shop) parked(w http.ResponseWriter, r *http.Request) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); runtime.Gosched() {
		if s.allParked() {
			fmt.Fprintln(w, "parked")
			return
		}
	}
	http.Error(w, "the goroutines do not come to rest", http.StatusInternalServerError)
}

func (s *shop) allParked() bool {
	dump := make([]byte, 1<<22)
	dump = dump[:runtime.Stack(dump, true)]
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := map[string]int{}
	for _, goroutine := range strings.Split(string(dump), "\n\n") {
		header, stack, _ := strings.Cut(goroutine, "\n")
		for function := range s.left {
			if isParked(header) && strings.Contains(stack, "."+function+"(") {
				waiting[function]++
			}
		}
	}
	for function, count := range s.left {
		if waiting[function] < count {
			return false
		}
	}
	return true
}

// isParked tells from "goroutine 7 [chan send, 2 minutes]:" that nothing will run it by itself.
func isParked(header string) bool {
	for _, state := range []string{"chan receive", "chan send", "semacquire", "sync."} {
		if strings.Contains(header, "["+state) {
			return true
		}
	}
	return false
}
