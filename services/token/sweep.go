package token

import (
	"context"
	"time"
)

const (
	// sweepEvery is how often expired rows are removed.
	sweepEvery = 10 * time.Minute
	// sweepBatch bounds one DELETE, in rows, so that no sweep holds locks long.
	sweepBatch = 500
)

// sweep removes authorizations and revocations that have expired, in bounded
// batches, so that no table grows for ever. Replicas may sweep at the same time.
func (s *Service) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		s.sweepTable(ctx, s.authorizations.Sweep)
		s.sweepTable(ctx, s.revocations.Sweep)
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

func (s *Service) sweepTable(ctx context.Context, sweep func(context.Context, time.Time, int) (int, error)) {
	for removed := sweepBatch; removed == sweepBatch; {
		var err error
		if removed, err = sweep(ctx, s.clock.Now(), sweepBatch); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "sweep failed; the next one tries again", "cause", err)
		}
	}
}
