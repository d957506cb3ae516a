package sqlconn

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

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
	Sweep(ctx, clock.System, slog.New(slog.DiscardHandler), failing, full)
	if rows != 0 || failures != 1 {
		t.Errorf("%d rows are left, the failing table was asked %d times", rows, failures)
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
