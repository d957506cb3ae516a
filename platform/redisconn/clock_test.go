package redisconn_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// watched is what is written and told about a clock that is off by so much.
func watched(t *testing.T, client *redisconn.Client, ahead time.Duration) (written string, told time.Duration) {
	t.Helper()
	var log bytes.Buffer
	clk := &clock.Shifted{}
	clk.Advance(ahead)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	redisconn.WatchClock(ctx, client, clk, slog.New(slog.NewTextHandler(&log, nil)), func(ahead time.Duration) { told = ahead })
	return log.String(), told
}

func TestWatchClock(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		for _, row := range []struct {
			rule  string
			ahead time.Duration
			alarm bool
		}{
			{"a clock that is right", 0, false},
			{"a second ahead", time.Second, false},
			{"BAD-199 90 seconds ahead", 90 * time.Second, true},
			{"BAD-199 90 seconds behind", -90 * time.Second, true},
		} {
			t.Run(row.rule, func(t *testing.T) {
				log, told := watched(t, client, row.ahead)
				if alarm := strings.Contains(log, "clock differs"); alarm != row.alarm || alarm && !strings.Contains(log, "level=ERROR") {
					t.Errorf("it says %q", log)
				}
				// The two clocks are this machine's; asking takes a moment.
				if off := told - row.ahead; off.Abs() > time.Second {
					t.Errorf("it tells %s of %s", told, row.ahead)
				}
			})
		}
	})
}
