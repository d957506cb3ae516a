package lease_test

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/lease"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// migrations is the table as the package documents it.
var migrations = fstest.MapFS{"00001_lease.sql": {Data: []byte(`-- +goose Up
CREATE TABLE lease (
    name       TEXT   NOT NULL PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);
`)}}

func TestLease(t *testing.T) {
	for name, rule := range contract {
		t.Run(name, func(t *testing.T) {
			storetest.EachSQL(t, migrations, func(t *testing.T, db *sql.DB) {
				rule(t, db, clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)))
			})
		})
	}
}

const life = time.Minute

var contract = map[string]func(*testing.T, *sql.DB, *clock.Manual){
	"one of two replicas holds it": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine, theirs := lease.New(db, "rotate", life, clk), lease.New(db, "rotate", life, clk)
		wantHeld(t, mine, true)
		wantHeld(t, theirs, false)
		wantHeld(t, mine, true)
	},
	"taking it anew makes it last": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine, theirs := lease.New(db, "rotate", life, clk), lease.New(db, "rotate", life, clk)
		for range 3 {
			wantHeld(t, mine, true)
			clk.Advance(life - time.Millisecond)
			wantHeld(t, theirs, false)
		}
	},
	"another replica takes it when it has expired": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine, theirs := lease.New(db, "rotate", life, clk), lease.New(db, "rotate", life, clk)
		wantHeld(t, mine, true)
		clk.Advance(life)
		wantHeld(t, theirs, true)
		wantHeld(t, mine, false)
	},
	"released it is free at once, and only its holder releases it": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine, theirs := lease.New(db, "rotate", life, clk), lease.New(db, "rotate", life, clk)
		wantHeld(t, mine, true)
		release(t, theirs)
		wantHeld(t, theirs, false)
		release(t, mine)
		wantHeld(t, theirs, true)
	},
	"it is held until it expires or is given back, also without a database": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine, theirs := lease.New(db, "rotate", life, clk), lease.New(db, "sweep", life, clk)
		if mine.Held() {
			t.Error("held before it was taken")
		}
		wantHeld(t, theirs, true)
		release(t, theirs)
		if theirs.Held() {
			t.Error("held when it was given back")
		}
		wantHeld(t, mine, true)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		clk.Advance(life - time.Millisecond)
		if _, err := mine.Take(t.Context()); err == nil || !mine.Held() {
			t.Errorf("what nobody can have taken from us is lost: %v", err)
		}
		clk.Advance(time.Millisecond)
		if mine.Held() {
			t.Error("held when it has expired")
		}
	},
	"another name is another lease": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		wantHeld(t, lease.New(db, "rotate", life, clk), true)
		wantHeld(t, lease.New(db, "sweep", life, clk), true)
	},
	"of 20 that take it at once one holds it": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		var holders atomic.Int32
		var group sync.WaitGroup
		for range 20 {
			replica := lease.New(db, "rotate", life, clk)
			group.Go(func() {
				held, err := replica.Take(context.Background())
				if err != nil {
					t.Error(err)
				}
				if held {
					holders.Add(1)
				}
			})
		}
		group.Wait()
		if n := holders.Load(); n != 1 {
			t.Errorf("%d hold it", n)
		}
	},
	"work is done by the holder alone, and its context ends with the lease": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine, theirs := lease.New(db, "rotate", life, clk), lease.New(db, "rotate", life, clk)
		fault := errors.New("fault")
		done, err := mine.Do(t.Context(), func(ctx context.Context) error {
			if deadline, ok := ctx.Deadline(); !ok || time.Until(deadline) > life {
				t.Errorf("the deadline is %v", deadline)
			}
			return fault
		})
		if !done || !errors.Is(err, fault) {
			t.Errorf("got %t, %v", done, err)
		}
		done, err = theirs.Do(t.Context(), func(context.Context) error {
			t.Error("two do it")
			return nil
		})
		if done || err != nil {
			t.Errorf("got %t, %v", done, err)
		}
	},
	"a database that cannot answer gives no lease": func(t *testing.T, db *sql.DB, clk *clock.Manual) {
		mine := lease.New(db, "rotate", life, clk)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if held, err := mine.Take(t.Context()); held || err == nil {
			t.Errorf("got %t, %v", held, err)
		}
		if err := mine.Release(t.Context()); err == nil {
			t.Error("released")
		}
	},
}

func wantHeld(t *testing.T, l *lease.Lease, want bool) {
	t.Helper()
	held, err := l.Take(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if held != want || l.Held() != want {
		t.Errorf("taken %t and held %t, want %t", held, l.Held(), want)
	}
}

func release(t *testing.T, l *lease.Lease) {
	t.Helper()
	if err := l.Release(t.Context()); err != nil {
		t.Fatal(err)
	}
}
