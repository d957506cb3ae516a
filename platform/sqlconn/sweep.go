package sqlconn

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

const (
	// sweepEvery is how often expired rows are removed.
	sweepEvery = 10 * time.Minute
	// sweepBatch bounds one DELETE, in rows, so that no sweep holds locks long.
	sweepBatch = 500
)

// Sweeper removes at most batch rows of a table that expired before now, and
// answers how many.
type Sweeper func(ctx context.Context, now time.Time, batch int) (removed int, err error)

// Sweep removes what has expired from each table, in bounded batches, until ctx
// ends: so no table grows for ever. Replicas may sweep at the same time.
func Sweep(ctx context.Context, clk clock.Clock, log *slog.Logger, tables ...Sweeper) {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		for _, table := range tables {
			sweepOnce(ctx, clk, log, table)
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
