package token

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
	"github.com/strongroom-fapi/strongroom/services/token/grants"
)

// Exchange is the token endpoint, in the order of TOK-1: client authentication,
// then what the profile says of the request, then the binding, then the grant,
// which alone spends something, then the tokens.
func (s *Service) Exchange(ctx context.Context, req *tokenv1.ExchangeRequest) (*tokenv1.ExchangeResponse, error) {
	scope, form := rpc.From(ctx), req.GetForm()
	authenticated, err := s.clients.Authenticate(ctx, &clientregv1.AuthenticateRequest{
		Call:        scope.Call(),
		Credentials: form.GetCredentials(),
	})
	if err != nil {
		return nil, err
	}
	facts := scope.Issuer.Facts()
	facts.Client, facts.Params = authenticated.GetClient(), form.GetParams()
	facts.Certificate = len(form.GetCredentials().GetCertificates()) > 0
	if err := scope.Issuer.Rules().Check(profile.Exchange, facts); err != nil {
		return nil, err
	}
	request := grants.Request{Client: authenticated.GetClient(), Params: form.GetParams()}
	issuance, err := s.grants[form.GetParams()[oauth.ParamGrantType]](ctx, request)
	if err != nil {
		return nil, err
	}
	return s.mint(ctx, authenticated.GetClient(), bind(form), issuance)
}
