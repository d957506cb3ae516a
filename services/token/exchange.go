package token

import (
	"context"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/platform/dpop"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
	"github.com/strongroom-fapi/strongroom/services/token/grants"
)

// Exchange is the token endpoint. It judges first what burns nothing, the proof
// and its nonce (DPOP-11); then, in the order of TOK-1, authenticates the
// client, asks the profile, burns the proof, and lets the grant spend what the
// request brought; then it mints.
func (s *Service) Exchange(ctx context.Context, req *tokenv1.ExchangeRequest) (*tokenv1.ExchangeResponse, error) {
	scope, form := rpc.From(ctx), req.GetForm()
	proof, err := s.proofs.Check(ctx, dpop.Presented{Compact: form.GetDpopProof(), Method: http.MethodPost, URL: form.GetUrl()})
	if err != nil {
		return nil, err
	}
	authenticated, err := s.clients.Authenticate(ctx, &clientregv1.AuthenticateRequest{
		Call:        scope.Call(),
		Credentials: form.GetCredentials(),
	})
	if err != nil {
		return nil, err
	}
	client := authenticated.GetClient()
	rpc.Concerns(ctx, client.GetClientId())
	if err := s.limits.take(scope.Issuer.Name, client.GetClientId(), s.clock.Now()); err != nil {
		return nil, err
	}
	facts := scope.Issuer.Facts()
	facts.Client, facts.Params = client, form.GetParams()
	facts.Certificate, facts.Proof = len(form.GetCredentials().GetCertificates()) > 0, proof != nil
	if err := scope.Issuer.Rules().Check(profile.Exchange, facts); err != nil {
		return nil, err
	}
	if err := s.proofs.Burn(ctx, proof); err != nil {
		return nil, err
	}
	request := grants.Request{Client: client, Params: form.GetParams()}
	if proof != nil {
		request.ProofKey = proof.KeyThumbprint
	}
	issuance, err := s.grants[form.GetParams()[oauth.ParamGrantType]](ctx, request)
	if err != nil {
		return nil, err
	}
	response, err := s.mint(ctx, client, bind(client, form.GetCredentials().GetCertificates(), proof), issuance)
	if err != nil {
		return nil, err
	}
	response.DpopNonce = s.proofs.NextNonce(ctx, proof)
	return response, nil
}
