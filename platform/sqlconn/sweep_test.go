package sqlconn

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/lease"
	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// leases is the table that who sweeps must have.
var leases = fstest.MapFS{"00001_lease.sql": {Data: []byte("-- +goose Up\nCREATE TABLE lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL);\n")}}

func openLeases(t *testing.T) *sql.DB {
	t.Helper()
	db, err := Open(t.Context(), Config{DSN: secret.New("sqlite:" + filepath.Join(t.TempDir(), "test.db"))}, "test", leases)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestSweepGoesOnWhileBatchesAreFull: every table is swept until a batch comes
// back short, and one that fails does not keep the next from its turn.
func TestSweepGoesOnWhileBatchesAreFull(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	rows, failures := 2*sweepBatch+7, 0
	failing := func(context.Context, time.Time, int) (int, error) {
		failures++
		return sweepBatch, errors.New("the database is away")
	}
	full := func(_ context.Context, _ time.Time, batch int) (int, error) {
		removed := min(rows, batch)
		if rows -= removed; removed < batch {
			cancel()
		}
		return removed, nil
	}
	sweeps := Config{}.Sweeps()
	sweeps.Run(ctx, openLeases(t), clock.System, slog.New(slog.DiscardHandler), failing, full)
	if rows != 0 || failures != 1 {
		t.Errorf("%d rows are left, the failing table was asked %d times", rows, failures)
	}
	if got, want := sweeps.Stats(), (SweepStats{Rows: 2*sweepBatch + 7, Failures: 1, Held: true}); got != want {
		t.Errorf("it counted %+v, want %+v", got, want)
	}
}

// TestSweepsTellWhenTheyLastSucceeded: what an alarm watches, of all replicas
// together; a turn that another has is no success of one's own.
func TestSweepsTellWhenTheyLastSucceeded(t *testing.T) {
	now := clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	nothing := func(context.Context, time.Time, int) (int, error) { return 0, nil }
	db, log := openLeases(t), slog.New(slog.DiscardHandler)
	mine, theirs := Config{}.Sweeps(), Config{}.Sweeps()
	leases := []*lease.Lease{lease.New(db, "sweep", time.Minute, now), lease.New(db, "sweep", time.Minute, now)}
	mine.turn(t.Context(), leases[0], now, log, []Sweeper{nothing})
	theirs.turn(t.Context(), leases[1], now, log, []Sweeper{nothing})
	first := now.Now()
	if got, want := mine.Stats(), (SweepStats{Last: first, Held: true}); got != want {
		t.Errorf("who holds the lease counts %+v, want %+v", got, want)
	}
	if got, want := theirs.Stats(), (SweepStats{}); got != want {
		t.Errorf("who does not counts %+v, want %+v", got, want)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	now.Advance(time.Hour)
	mine.turn(t.Context(), leases[0], now, log, []Sweeper{nothing})
	if got, want := mine.Stats(), (SweepStats{Last: first, Failures: 1}); got != want {
		t.Errorf("without a database it counts %+v, want %+v", got, want)
	}
}

// TestOneReplicaSweeps: of two on the same database, the second finds that the
// first has the lease.
func TestOneReplicaSweeps(t *testing.T) {
	db, sweeps := openLeases(t), 0
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		Config{}.Sweeps().Run(ctx, db, clock.System, slog.New(slog.DiscardHandler), func(context.Context, time.Time, int) (int, error) {
			sweeps++
			cancel()
			return 0, nil
		})
		cancel()
	}
	if sweeps != 1 {
		t.Errorf("%d replicas swept", sweeps)
	}
}

// TestFailedLetsNothingThrough: the client hears 503 and when to come again, and
// nothing of the cause.
func TestFailedLetsNothingThrough(t *testing.T) {
	cause := errors.New("row 17")
	refusal, ok := oauth.AsError(Failed("get grant", cause))
	if !ok || refusal.HTTPStatus() != 503 || refusal.RetryAfter != 1 || !errors.Is(refusal, cause) {
		t.Errorf("refusal is %v", refusal)
	}
}
