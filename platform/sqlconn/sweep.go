package sqlconn

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/lease"
)

const (
	// SweepLease is the lease of the replica that sweeps.
	SweepLease = "sweep"
	// defaultSweep is how often expired rows are removed.
	defaultSweep = 10 * time.Minute
	// sweepBatch bounds one DELETE, in rows, so that no sweep holds locks long.
	sweepBatch = 500
)

// Sweeper removes at most batch rows of a table that expired before now, and
// answers how many.
type Sweeper func(ctx context.Context, now time.Time, batch int) (removed int, err error)

// RemoveExpired runs a DELETE of such rows that expired before $1, in unix milliseconds,
// and of $2 of them at most.
func RemoveExpired(ctx context.Context, db *sql.DB, rows, statement string, now time.Time, batch int) (removed int, err error) {
	result, err := db.ExecContext(ctx, statement, now.UnixMilli(), batch)
	if err != nil {
		return 0, Failed("sweep "+rows, err)
	}
	affected, err := result.RowsAffected()
	return int(affected), err
}

// Sweeps removes what has expired from the tables of a service, and counts. A nil
// one sweeps too, as often as by default, and counts nothing.
type Sweeps struct {
	every time.Duration
	// sameTime makes what is asked before each turn.
	sameTime func(*sql.DB, clock.Clock) func(context.Context) error

	mu    sync.Mutex
	stats SweepStats
	lease *lease.Lease
}

// SweepStats is what the sweeps of one replica did since it started.
type SweepStats struct {
	// Rows that were removed.
	Rows int64
	// Failures are tables that could not be swept, and turns whose lease could not be
	// asked for.
	Failures int64
	// Last is when this replica last swept all tables. Zero: not yet, or it is always
	// another's turn.
	Last time.Time
	// Held tells whether this replica holds the lease.
	Held bool
}

// Sweeps of a service, as often as its configuration says, by a replica whose clock is
// that of the database.
func (c Config) Sweeps() *Sweeps { return &Sweeps{every: c.Sweep, sameTime: c.SameTime} }

// Stats is safe on nil.
func (s *Sweeps) Stats() SweepStats {
	if s == nil {
		return SweepStats{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stats := s.stats
	stats.Held = s.lease != nil && s.lease.Held()
	return stats
}

func (s *Sweeps) note(change func(*SweepStats)) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.stats)
}

// under lets Stats tell of the lease.
func (s *Sweeps) under(turn *lease.Lease) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lease = turn
}

func (s *Sweeps) interval() time.Duration {
	if s == nil {
		return defaultSweep
	}
	return cmp.Or(s.every, defaultSweep)
}

// Run sweeps each table in bounded batches until ctx ends: so no table grows for
// ever. One replica at a time does, under a lease in the same database; two would
// only do the same work.
func (s *Sweeps) Run(ctx context.Context, db *sql.DB, clk clock.Clock, log *slog.Logger, tables ...Sweeper) {
	every := s.interval()
	// A lease keeps the others from sweeping for less than the interval, so that the
	// same replica may go on.
	turn := lease.New(db, SweepLease, every-every/10, clk)
	if s != nil {
		turn.If(s.sameTime(db, clk))
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		s.turn(ctx, turn, clk, log, tables)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// turn sweeps every table once, where no other replica does.
func (s *Sweeps) turn(ctx context.Context, turn *lease.Lease, clk clock.Clock, log *slog.Logger, tables []Sweeper) {
	s.under(turn)
	well := true
	held, err := turn.Do(ctx, func(ctx context.Context) error {
		for _, table := range tables {
			well = s.sweep(ctx, clk, log, table) && well
		}
		return nil
	})
	if err != nil {
		well = false
		s.failed(ctx, log, err)
	}
	if held && well {
		s.note(func(stats *SweepStats) { stats.Last = clk.Now() })
	}
}

// sweep removes all that has expired from one table.
func (s *Sweeps) sweep(ctx context.Context, clk clock.Clock, log *slog.Logger, table Sweeper) bool {
	for removed := sweepBatch; removed == sweepBatch; {
		var err error
		if removed, err = table(ctx, clk.Now(), sweepBatch); err != nil {
			s.failed(ctx, log, err)
			return false
		}
		s.note(func(stats *SweepStats) { stats.Rows += int64(removed) })
	}
	return true
}

// failed tells of a sweep that could not be done. One that was cut off by the end
// of the process is none.
func (s *Sweeps) failed(ctx context.Context, log *slog.Logger, err error) {
	if ctx.Err() != nil {
		return
	}
	log.WarnContext(ctx, "sweep failed; the next one tries again", "cause", err)
	s.note(func(stats *SweepStats) { stats.Failures++ })
}

// Failed makes the refusal for a database that could not answer: nothing is let
// through (closed where a store cannot answer).
func Failed(operation string, err error) error {
	return oauth.Unavailable(1).Because(fmt.Errorf("%s: %w", operation, err))
}
