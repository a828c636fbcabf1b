package main

// database/sql with a driver of our own: a database of numbers without an end.

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"goshawk.test/programs/truth"
)

func init() {
	sql.Register("numbers", numbers{})
	truth.Program("rows_not_closed", rowsNotClosed)
	truth.Program("connections_used_up", connectionsUsedUp)
	truth.Program("global_connections_used_up", globalConnectionsUsedUp)
	truth.Once("global_connections_used_up")
	truth.Program("transaction_not_ended", transactionNotEnded)
	truth.Program("database_for_each_request", databaseForEachRequest)
}

type numbers struct{ next *job }

func (numbers) Open(string) (driver.Conn, error)            { return &numbers{}, nil }
func (*numbers) Prepare(string) (driver.Stmt, error)        { return &numbers{}, nil }
func (*numbers) Close() error                               { return nil }
func (*numbers) Begin() (driver.Tx, error)                  { return &numbers{}, nil }
func (*numbers) Commit() error                              { return nil }
func (*numbers) Rollback() error                            { return nil }
func (*numbers) NumInput() int                              { return 0 }
func (*numbers) Exec([]driver.Value) (driver.Result, error) { return nil, errors.New("read only") }
func (*numbers) Query([]driver.Value) (driver.Rows, error)  { return &numbers{}, nil }
func (*numbers) Columns() []string                          { return []string{"number"} }
func (*numbers) Next(into []driver.Value) error             { into[0] = int64(1); return nil }

const (
	opensConnections = "database/sql.(*DB).connectionOpener("
	awaitsRows       = "database/sql.(*Rows).awaitDone("
	awaitsEnd        = "database/sql.(*Tx).awaitDone("
)

func openDatabase() *sql.DB {
	db, err := sql.Open("numbers", "")
	if err != nil {
		panic(err)
	}
	return db
}

func query(ctx context.Context, db *sql.DB) *sql.Rows {
	rows, err := db.QueryContext(ctx, "select")
	if err != nil {
		panic(err)
	}
	rows.Next()
	return rows
}

// One row was enough, and the rows were not closed: the context's end is waited for, whose cancel function nobody has.
func rowsNotClosed(fixed bool) {
	db := openDatabase()
	foreignUnless(fixed, 1, opensConnections, lostCancel)
	foreignUnless(fixed, 2, awaitsRows, lostCancel)
	for i := 0; i < 2; i++ {
		ctx, cancel := context.WithCancel(context.Background())
		rows := query(ctx, db)
		if fixed {
			later(func() { rows.Close(); cancel() })
		}
	}
	if fixed {
		later(func() { db.Close() })
	}
}

// useUp takes the one connection for rows that nobody closes, and has another query wait for it, after which the database is closed.
func useUp(db *sql.DB, fixed bool, declare func()) {
	truth.Expect(1)
	db.SetMaxOpenConns(1)
	rows := query(context.Background(), db)
	go func() {
		declare()
		query(context.Background(), db).Close()
		db.Close()
	}()
	if fixed {
		later(func() { rows.Close() })
	}
}

func connectionsUsedUp(fixed bool) {
	db := openDatabase()
	foreignUnless(fixed, 1, opensConnections, lostCancel)
	useUp(db, fixed, func() { leakedUnless(fixed, selecting, receive) })
}

var database, databaseOfTwins *sql.DB

// Held by: database (global) -> its map of requests for a connection -> the channel. The one who has the only connection has
// returned. Holder rule: parent has returned.
func globalConnectionsUsedUp(fixed bool) {
	db := openDatabase()
	if fixed {
		databaseOfTwins = db
	} else {
		database = db
	}
	useUp(db, fixed, func() { likelyUnless(fixed, truth.ParentReturned, selecting, receive) })
}

// Neither committed nor rolled back on the error path.
func transactionNotEnded(fixed bool) {
	db := openDatabase()
	foreignUnless(fixed, 1, opensConnections, lostCancel)
	foreignUnless(fixed, 1, awaitsEnd, lostCancel)
	ctx, cancel := context.WithCancel(context.Background())
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		panic(err)
	}
	if fixed {
		later(func() {
			_ = tx.Rollback()
			cancel()
			db.Close()
		})
	}
}

// A database is a pool to be kept. Each one that is opened has a goroutine.
func databaseForEachRequest(fixed bool) {
	foreignUnless(fixed, 3, opensConnections, lostCancel)
	for i := 0; i < 3; i++ {
		db := openDatabase()
		query(context.Background(), db).Close()
		if fixed {
			later(func() { db.Close() })
		}
	}
}
