// The handlers. Each answers its request quickly and correctly, passes its tests, and leaves a
// goroutine behind that can never run again.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"
)

var errOutOfStock = errors.New("out of stock")

// A handler that gives up. The search sends its result on an unbuffered channel, and nobody is left
// to receive it. A buffer of one would let it finish.
func (s *shop) search(w http.ResponseWriter, r *http.Request) {
	s.leave("searchIndex")
	ctx, cancel := context.WithTimeout(r.Context(), time.Millisecond)
	defer cancel()
	result := make(chan string)
	go searchIndex(ctx, result)
	select {
	case found := <-result:
		fmt.Fprintln(w, found)
	case <-ctx.Done():
		http.Error(w, "try again later", http.StatusServiceUnavailable)
	}
}

func searchIndex(tooLate context.Context, result chan<- string) {
	<-tooLate.Done() // a slow disk
	time.Sleep(time.Millisecond)
	result <- "42 shoes"
}

// Two suppliers are asked, and the caller is content with an error of the first. The one that waits
// for both prices waits for ever.
func (s *shop) quote(w http.ResponseWriter, r *http.Request) {
	s.leave("addShipping")
	price := make(chan int)
	go addShipping(price)
	if err := askSupplier(); err != nil {
		fmt.Fprintln(w, err) // and price is never sent, nor closed
		return
	}
	price <- 99
}

func askSupplier() error { return errOutOfStock }

func addShipping(price <-chan int) int { return <-price + 5 }

// A worker that ranges over its jobs, and a producer that forgets to close them.
func (s *shop) importPrices(w http.ResponseWriter, r *http.Request) {
	s.leave("priceWorker")
	jobs := make(chan int)
	done := make(chan bool)
	go priceWorker(jobs, done)
	for article := 0; article < 3; article++ {
		jobs <- article
		<-done
	}
	fmt.Fprintln(w, "imported") // no close(jobs)
}

func priceWorker(jobs <-chan int, done chan<- bool) {
	for range jobs {
		done <- true
	}
}

type account struct {
	mu      sync.Mutex
	balance int
}

// An early return between Lock and Unlock. Whoever locks the account next waits for ever.
func (s *shop) transfer(w http.ResponseWriter, r *http.Request) {
	s.leave("deposit")
	a := &account{}
	if err := a.withdraw(100); err != nil {
		fmt.Fprintln(w, err)
	}
	go a.deposit(100)
}

func (a *account) withdraw(amount int) error {
	a.mu.Lock()
	if a.balance < amount {
		return errors.New("not enough money") // no Unlock
	}
	a.balance -= amount
	a.mu.Unlock()
	return nil
}

func (a *account) deposit(amount int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.balance += amount
}

// Three pages are announced to the WaitGroup, and one that has nothing to print returns before Done.
func (s *shop) report(w http.ResponseWriter, r *http.Request) {
	s.leave("mailReport")
	var pages sync.WaitGroup
	pages.Add(3)
	for page := 0; page < 3; page++ {
		go printPage(page, &pages)
	}
	go mailReport(&pages)
	fmt.Fprintln(w, "it will come by mail")
}

func printPage(page int, pages *sync.WaitGroup) {
	if page == 2 {
		return // no Done: it should have been deferred at the top
	}
	pages.Done()
}

func mailReport(pages *sync.WaitGroup) { pages.Wait() }

// A context whose cancel function is thrown away: nobody can end what waits for it.
func (s *shop) subscribe(w http.ResponseWriter, r *http.Request) {
	s.leave("watchPrices")
	ctx, _ := context.WithCancel(context.Background())
	go watchPrices(ctx)
	fmt.Fprintln(w, "subscribed")
}

func watchPrices(ctx context.Context) {
	<-ctx.Done()
	log.Println("no more prices:", ctx.Err())
}
