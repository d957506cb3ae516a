package sqlconn

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// SameTime is an error where a clock is further off the database's than replicas' may be
// apart ([clock.Apart]). It is asked before something is removed or replaced for all of them: what is
// refused by a wrong clock is good again when that is mended, what is removed by one is
// lost (BAD-199). It is nil for SQLite, whose clock is the process's own.
func (c Config) SameTime(db *sql.DB, clk clock.Clock) func(context.Context) error {
	if !c.hasClock() {
		return nil
	}
	return func(ctx context.Context) error {
		asked := clk.Now()
		theirs, err := timeOf(ctx, db)
		if err != nil {
			return err
		}
		if ahead := asked.Sub(theirs); ahead.Abs() > clock.Apart {
			return fmt.Errorf("the clock differs from the database's by %s, and may by %s at most", ahead.Round(time.Second), clock.Apart)
		}
		return nil
	}
}

// WatchClock compares a process's clock with PostgreSQL's ([clock.Watch]): for a service
// that has no Redis, which the others compare with.
func (c Config) WatchClock(ctx context.Context, db *sql.DB, clk clock.Clock, log *slog.Logger, tell func(ahead time.Duration)) {
	if c.hasClock() {
		theirs := func(ctx context.Context) (time.Time, error) { return timeOf(ctx, db) }
		clock.Watch(ctx, clk, theirs, log, tell)
	}
}

// hasClock tells whether the database's clock is another than the process's own.
func (c Config) hasClock() bool { return strings.HasPrefix(c.DSN.Reveal(), "postgres://") }

// timeOf is PostgreSQL's clock.
func timeOf(ctx context.Context, db *sql.DB) (time.Time, error) {
	var theirs int64 // Unix time in milliseconds
	err := db.QueryRowContext(ctx, `SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)`).Scan(&theirs)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	return time.UnixMilli(theirs), nil
}
