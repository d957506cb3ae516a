package sqlconn_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

var leaseTable = fstest.MapFS{"00001_lease.sql": {Data: []byte("-- +goose Up\nCREATE TABLE lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, expires_at BIGINT NOT NULL);\n")}}

// TestWrongClockRemovesNothing is BAD-199: what a replica takes for expired, for its
// clock is off, is not lost, and the lease stays free for the others.
func TestWrongClockRemovesNothing(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		db := open(t, c, leaseTable)
		if c.SameTime(db, clock.System) == nil {
			return // SQLite has no clock of its own
		}
		for _, row := range []struct {
			ahead  time.Duration
			sweeps bool
		}{
			{30 * 24 * time.Hour, false},
			{-30 * 24 * time.Hour, false},
			{3 * time.Minute, false},
			{-3 * time.Minute, false},
			{90 * time.Second, true},
			{0, true},
		} {
			clk := &clock.Shifted{}
			clk.Advance(row.ahead)
			if swept, stats := sweepOnce(t, c, func(ctx context.Context, sweeps *sqlconn.Sweeps, table sqlconn.Sweeper) {
				sweeps.Run(ctx, db, clk, slog.New(slog.DiscardHandler), table)
			}); swept != row.sweeps || (stats.Failures == 0) != row.sweeps || stats.Held != row.sweeps {
				t.Errorf("a clock ahead by %s: swept %t, %+v", row.ahead, swept, stats)
			}
			if _, err := db.ExecContext(t.Context(), `DELETE FROM lease`); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// sweepOnce runs until a table was swept, or could not be.
func sweepOnce(t *testing.T, c sqlconn.Config, run func(context.Context, *sqlconn.Sweeps, sqlconn.Sweeper)) (swept bool, stats sqlconn.SweepStats) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	sweeps, ended := c.Sweeps(), make(chan struct{})
	go func() {
		defer close(ended)
		run(ctx, sweeps, func(context.Context, time.Time, int) (int, error) {
			swept = true
			return 0, nil
		})
	}()
	for ctx.Err() == nil && sweeps.Stats().Failures == 0 && sweeps.Stats().Last.IsZero() {
		time.Sleep(time.Millisecond)
	}
	stats = sweeps.Stats()
	cancel()
	<-ended
	return swept, stats
}

// TestWatchClock: a clock that is off PostgreSQL's is told by how much, and in the log.
// SQLite has none of its own, so that nothing is told, least of all that it is right.
func TestWatchClock(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		db, postgres := open(t, c, leaseTable), c.SameTime(nil, nil) != nil
		for ahead, alarm := range map[time.Duration]bool{0: false, -time.Second: false, 90 * time.Second: true, -90 * time.Second: true} {
			var log bytes.Buffer
			var told []time.Duration
			clk := &clock.Shifted{}
			clk.Advance(ahead)
			ctx, cancel := context.WithCancel(t.Context())
			begun := time.Now()
			if !postgres {
				cancel()
			}
			c.WatchClock(ctx, db, clk, slog.New(slog.NewTextHandler(&log, nil)), func(ahead time.Duration) {
				told = append(told, ahead)
				cancel()
			})
			cancel()
			asking := time.Since(begun) + time.Millisecond // to which PostgreSQL's answer is cut
			if (len(told) == 1) != postgres {
				t.Fatalf("a clock ahead by %s: told %v", ahead, told)
			}
			// The two clocks are this machine's; what differs is what asking took.
			if postgres && (told[0]-ahead).Abs() > asking {
				t.Errorf("a clock ahead by %s: told %v", ahead, told)
			}
			if alarm = alarm && postgres; strings.Contains(log.String(), "clock differs") != alarm {
				t.Errorf("a clock ahead by %s: it says %q", ahead, &log)
			}
		}
	})
}
