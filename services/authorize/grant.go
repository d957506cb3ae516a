package authorize

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
)

// GetGrant answers a grant that lives: it was given, has not expired and was not
// withdrawn.
func (s *Service) GetGrant(ctx context.Context, req *authorizev1.GetGrantRequest) (*authorizev1.GetGrantResponse, error) {
	rpc.ConcernsGrant(ctx, req.GetGrantId(), "")
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
