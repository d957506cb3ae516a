package clock

import (
	"context"
	"log/slog"
	"time"
)

const (
	// watchEvery is how often a clock is compared.
	watchEvery = 10 * time.Second
	// maxDifference is when an operator must hear of it: half of what a client's
	// clock may be ahead (SP2-13: FAPI 2.0 §5.3.2.1-13).
	maxDifference = 5 * time.Second
)

// Apart is how far apart the clocks of two replicas may be (BAD-199). Alarms speak of a
// clock that is off by seconds.
const Apart = 2 * time.Minute

// Watch compares a process's clock with that of a store, which all replicas share, until
// ctx ends. A clock that is off refuses what is good and lets live what has ended, by as
// much as it is off; so each time that it is seen is an error in the log (BAD-199). How
// far it is ahead is told each time, for who keeps watch over more than one.
func Watch(ctx context.Context, clk Clock, theirs func(context.Context) (time.Time, error), log *slog.Logger, tell func(ahead time.Duration)) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		compare(ctx, clk, theirs, log, tell)
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func compare(ctx context.Context, clk Clock, ask func(context.Context) (time.Time, error), log *slog.Logger, tell func(ahead time.Duration)) {
	within, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	asked := clk.Now()
	theirs, err := ask(within)
	if err != nil {
		return // a store that does not answer shows elsewhere
	}
	ahead := asked.Sub(theirs)
	if ahead < 0 {
		// The answer came later than the question: only what is left counts.
		ahead = min(clk.Now().Sub(theirs), 0)
	}
	tell(ahead)
	if ahead.Abs() > maxDifference {
		log.ErrorContext(ctx, "clock differs from the store's", "ahead_seconds", int64(ahead.Seconds()))
	}
}
