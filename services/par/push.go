package par

import (
	"context"
	"maps"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/platform/dpop"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	"github.com/strongroom-fapi/strongroom/services/par/internal/store"
)

// Push judges first what burns nothing, the proof and its nonce; then
// authenticates the client; then judges the request by the issuer's profile
// (PAR-2: RFC 9126 §2.1); then keeps it under a fresh request_uri.
func (s *Service) Push(ctx context.Context, req *parv1.PushRequest) (*parv1.PushResponse, error) {
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
	rpc.Concerns(ctx, authenticated.GetClient().GetClientId())
	facts := scope.Issuer.Facts()
	facts.Client, facts.Params = authenticated.GetClient(), form.GetParams()
	if proof != nil {
		facts.ProofKey = proof.KeyThumbprint
	}
	if err := scope.Issuer.Rules().Check(profile.Push, facts); err != nil {
		return nil, err
	}
	if err := s.proofs.Burn(ctx, proof); err != nil {
		return nil, err
	}
	return s.keep(ctx, authenticated.GetClient().GetClientId(), form.GetParams(), proof)
}

// keep writes the request. A proof that came with it binds the code to its key,
// as dpop_jkt does (DPOP-8: RFC 9449 §10.1).
func (s *Service) keep(ctx context.Context, clientID string, params map[string]string, proof *binding.Proof) (*parv1.PushResponse, error) {
	scope := rpc.From(ctx)
	if proof != nil {
		params = maps.Clone(params)
		params[oauth.ParamDPoPKey] = proof.KeyThumbprint
	}
	lifetime := scope.Issuer.Lifetimes.RequestURI
	reference, now := oauth.NewSecret(), s.clock.Now()
	kept, err := s.requests.Put(ctx, scope.Issuer.Name, reference, store.Request{
		ClientID: clientID,
		Params:   params,
		Expires:  now.Add(lifetime),
	}, lifetime, store.Limit{Most: s.limit, Minute: now.Unix() / 60})
	if err != nil {
		return nil, err
	}
	if !kept {
		return nil, oauth.TooMany(retryAfter).By("PAR-4")
	}
	return &parv1.PushResponse{
		RequestUri: oauth.RequestURIPrefix + reference,
		ExpiresIn:  int32(lifetime.Seconds()),
		DpopNonce:  s.proofs.NextNonce(ctx, proof),
	}, nil
}

// retryAfter is when a client that pushed too much may try again, in seconds.
const retryAfter = 30
