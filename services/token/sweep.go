package token

import (
	"context"
	"time"
)

const (
	// sweepEvery is how often expired authorizations are removed.
	sweepEvery = 10 * time.Minute
	// sweepBatch bounds one DELETE, in rows, so that no sweep holds locks long.
	sweepBatch = 500
)

// sweep removes authorizations that have expired, in bounded batches, so that
// the table does not grow for ever. Replicas may sweep at the same time.
func (s *Service) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		for removed := sweepBatch; removed == sweepBatch; {
			var err error
			if removed, err = s.authorizations.Sweep(ctx, s.clock.Now(), sweepBatch); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "sweep failed; the next one tries again", "cause", err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
