package sqlconn

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/lease"
)

const (
	// sweepEvery is how often expired rows are removed.
	sweepEvery = 10 * time.Minute
	// sweepLease is how long a replica keeps the others from sweeping: less than
	// sweepEvery, so that the same one may go on, and longer than a sweep takes.
	sweepLease = sweepEvery - time.Minute
	// sweepBatch bounds one DELETE, in rows, so that no sweep holds locks long.
	sweepBatch = 500
)

// Sweeper removes at most batch rows of a table that expired before now, and
// answers how many.
type Sweeper func(ctx context.Context, now time.Time, batch int) (removed int, err error)

// Sweep removes what has expired from each table of a database, in bounded batches,
// until ctx ends: so no table grows for ever. One replica at a time does, under a
// lease in the same database; two would only do the same work.
func Sweep(ctx context.Context, db *sql.DB, clk clock.Clock, log *slog.Logger, tables ...Sweeper) {
	turn := lease.New(db, "sweep", sweepLease, clk)
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		_, err := turn.Do(ctx, func(ctx context.Context) error {
			for _, table := range tables {
				sweepOnce(ctx, clk, log, table)
			}
			return nil
		})
		if err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "sweep failed; the next one tries again", "cause", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func sweepOnce(ctx context.Context, clk clock.Clock, log *slog.Logger, table Sweeper) {
	for removed := sweepBatch; removed == sweepBatch; {
		var err error
		if removed, err = table(ctx, clk.Now(), sweepBatch); err != nil {
			if ctx.Err() == nil {
				log.WarnContext(ctx, "sweep failed; the next one tries again", "cause", err)
			}
			return
		}
	}
}

// Failed makes the refusal for a database that could not answer: nothing is let
// through (closed where a store cannot answer).
func Failed(operation string, err error) error {
	return oauth.Unavailable(1).Because(fmt.Errorf("%s: %w", operation, err))
}
