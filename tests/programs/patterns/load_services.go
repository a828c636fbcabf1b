//go:build !lean

package main

// The part of the full load that servers are made of: HTTP with keep-alive, clients that give up, a pool of database connections.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"
)

var (
	shopOnce sync.Once
	shopIn   *httptest.Server
)

// A handler starts a worker and waits for it or for the end of the request, whichever is first; nobody is left behind.
func shop(w http.ResponseWriter, r *http.Request) {
	result := make(chan *holder, 1)
	go func() {
		if r.URL.Path == "/slow" {
			time.Sleep(3 * time.Millisecond)
		}
		result <- &holder{}
	}()
	select {
	case <-result:
		io.WriteString(w, "sold")
	case <-r.Context().Done():
	}
}

func callServices() {
	shopOnce.Do(func() { shopIn = httptest.NewServer(http.HandlerFunc(shop)) })
	var wg sync.WaitGroup
	for i := 0; i < 4; i++ {
		wg.Add(1)
		go func(path string) {
			defer wg.Done()
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Millisecond)
			defer cancel()
			buy(ctx, shopIn.URL+path)
		}([...]string{"/", "/slow"}[i%2])
	}
	wg.Wait()
}

func buy(ctx context.Context, url string) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		panic(err)
	}
	response, err := shopIn.Client().Do(request)
	if err != nil {
		return // it gave up
	}
	defer response.Body.Close()
	io.Copy(io.Discard, response.Body)
}

// A database that answers every query with ten rows.
type rowsOfTen struct{ left int }

func (*rowsOfTen) Connect(context.Context) (driver.Conn, error) { return &rowsOfTen{}, nil }
func (d *rowsOfTen) Driver() driver.Driver                      { return d }
func (*rowsOfTen) Open(string) (driver.Conn, error)             { return &rowsOfTen{}, nil }
func (*rowsOfTen) Prepare(string) (driver.Stmt, error)          { return &rowsOfTen{}, nil }
func (*rowsOfTen) Close() error                                 { return nil }
func (*rowsOfTen) Begin() (driver.Tx, error)                    { return &rowsOfTen{}, nil }
func (*rowsOfTen) Commit() error                                { return nil }
func (*rowsOfTen) Rollback() error                              { return nil }
func (*rowsOfTen) NumInput() int                                { return 0 }
func (*rowsOfTen) Exec([]driver.Value) (driver.Result, error)   { return nil, errors.New("read only") }
func (*rowsOfTen) Query([]driver.Value) (driver.Rows, error)    { return &rowsOfTen{left: 10}, nil }
func (*rowsOfTen) Columns() []string                            { return []string{"number"} }

func (d *rowsOfTen) Next(into []driver.Value) error {
	if d.left--; d.left < 0 {
		return io.EOF
	}
	into[0] = int64(d.left)
	return nil
}

// More want a connection than there are; each gives it back, by reading to the end, by closing early, or by its context's end.
func shareConnections() {
	db := sql.OpenDB(&rowsOfTen{})
	defer db.Close()
	db.SetMaxOpenConns(2)
	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return // its turn did not come in time
			}
			defer tx.Rollback()
			rows, err := tx.QueryContext(ctx, "select")
			if err != nil {
				return
			}
			defer rows.Close()
			for rows.Next() && i%2 == 0 {
			}
		}(i)
	}
	wg.Wait()
}
