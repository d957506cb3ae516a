package par

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	"github.com/strongroom-fapi/strongroom/services/par/internal/store"
)

// Push authenticates the client first, then judges the request by the issuer's
// profile (PAR-2: RFC 9126 §2.1), then keeps it under a fresh request_uri.
func (s *Service) Push(ctx context.Context, req *parv1.PushRequest) (*parv1.PushResponse, error) {
	scope := rpc.From(ctx)
	authenticated, err := s.clients.Authenticate(ctx, &clientregv1.AuthenticateRequest{
		Call:        scope.Call(),
		Credentials: req.GetForm().GetCredentials(),
	})
	if err != nil {
		return nil, err
	}
	facts := scope.Issuer.Facts()
	facts.Client, facts.Params = authenticated.GetClient(), req.GetForm().GetParams()
	if err := scope.Issuer.Rules().Check(profile.Push, facts); err != nil {
		return nil, err
	}
	lifetime := scope.Issuer.Lifetimes.RequestURI
	reference := oauth.NewSecret()
	err = s.requests.Put(ctx, scope.Issuer.Name, reference, store.Request{
		ClientID: authenticated.GetClient().GetClientId(),
		Params:   req.GetForm().GetParams(),
		Expires:  s.clock.Now().Add(lifetime),
	}, lifetime)
	if err != nil {
		return nil, err
	}
	return &parv1.PushResponse{
		RequestUri: oauth.RequestURIPrefix + reference,
		ExpiresIn:  int32(lifetime.Seconds()),
	}, nil
}
