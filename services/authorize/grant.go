package authorize

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
)

// GetGrant answers a grant that lives: it was given, has not expired and was not
// withdrawn.
func (s *Service) GetGrant(ctx context.Context, req *authorizev1.GetGrantRequest) (*authorizev1.GetGrantResponse, error) {
	grant, found, err := s.grants.Get(ctx, rpc.From(ctx).Issuer.Name, req.GetGrantId())
	if err != nil {
		return nil, err
	}
	if !found || !s.clock.Now().Before(grant.Expires) {
		return nil, oauth.InvalidGrant("the grant has ended").By("TOK-2")
	}
	return &authorizev1.GetGrantResponse{Grant: &authorizev1.Grant{
		GrantId:   grant.ID,
		ClientId:  grant.ClientID,
		Subject:   grant.Subject,
		Scopes:    grant.Scopes,
		CreatedAt: grant.Created.Unix(),
	}}, nil
}

const (
	// sweepEvery is how often expired grants are removed.
	sweepEvery = 10 * time.Minute
	// sweepBatch bounds one DELETE, in rows, so that no sweep holds locks long.
	sweepBatch = 500
)

// sweep removes grants that have expired, in bounded batches, so that the table
// does not grow for ever. Replicas may sweep at the same time.
func (s *Service) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		for removed := sweepBatch; removed == sweepBatch; {
			var err error
			if removed, err = s.grants.Sweep(ctx, s.clock.Now(), sweepBatch); err != nil && ctx.Err() == nil {
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
