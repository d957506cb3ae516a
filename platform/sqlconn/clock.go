package sqlconn

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// clocksApart is how far a process's clock may be off the database's while it acts for
// all replicas. It is as far as the clocks of replicas may be apart elsewhere
// (redisconn.ClocksApart).
const clocksApart = 2 * time.Minute

// SameTime is an error where a clock is further off the database's than replicas' may be
// apart. It is asked before something is removed or replaced for all of them: what is
// refused by a wrong clock is good again when that is mended, what is removed by one is
// lost (BAD-199). It is nil for SQLite, whose clock is the process's own.
func (c Config) SameTime(db *sql.DB, clk clock.Clock) func(context.Context) error {
	if !strings.HasPrefix(c.DSN.Reveal(), "postgres://") {
		return nil
	}
	return func(ctx context.Context) error {
		var theirs int64
		asked := clk.Now()
		err := db.QueryRowContext(ctx, `SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)`).Scan(&theirs)
		if err != nil {
			return fmt.Errorf("ask the database for the time: %w", err)
		}
		if ahead := asked.Sub(time.UnixMilli(theirs)); ahead.Abs() > clocksApart {
			return fmt.Errorf("the clock is ahead of the database's by %s, and may be off by %s at most", ahead.Round(time.Second), clocksApart)
		}
		return nil
	}
}
