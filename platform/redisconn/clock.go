package redisconn

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// WatchClock compares a process's clock with that of the store ([clock.Watch]).
func WatchClock(ctx context.Context, client redis.UniversalClient, clk clock.Clock, log *slog.Logger, tell func(ahead time.Duration)) {
	theirs := func(ctx context.Context) (time.Time, error) { return client.Time(ctx).Result() }
	clock.Watch(ctx, clk, theirs, log, tell)
}
