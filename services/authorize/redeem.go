package authorize

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// errCode is the one answer to a code that is not this client's to spend.
var errCode = oauth.InvalidGrant("code is unknown, expired, used or another client's").By("TOK-2")

// Redeem spends a code for one attempt. Another client's attempt spends nothing
// (BAD-103); the right client's second attempt answers which authorization to
// revoke (BAD-100, SP2-29).
func (s *Service) Redeem(ctx context.Context, req *authorizev1.RedeemRequest) (*authorizev1.RedeemResponse, error) {
	scope := rpc.From(ctx)
	code, found, err := s.codes.Get(ctx, scope.Issuer.Name, req.GetCode())
	if err != nil {
		return nil, err
	}
	if !found || code.ClientID != req.GetClientId() {
		return nil, errCode
	}
	rpc.ConcernsGrant(ctx, code.GrantID, code.AuthorizationID)
	if code.SpentBy != "" && code.SpentBy != scope.Attempt() {
		return replayed(code), nil
	}
	if err := s.judge(code, req); err != nil {
		return nil, err
	}
	burnt, err := s.codes.Burn(ctx, scope.Issuer.Name, req.GetCode(), scope.Attempt(), scope.Issuer.Lifetimes.Code+scope.Issuer.Lifetimes.AccessToken)
	if err != nil {
		return nil, err
	}
	if !burnt {
		return replayed(code), nil
	}
	return &authorizev1.RedeemResponse{Authorization: authorization(code)}, s.audit.Record(ctx, audit.Event{
		Kind: audit.CodeRedeemed, ClientID: code.ClientID, GrantID: code.GrantID, AuthorizationID: code.AuthorizationID, Subject: code.Answer.Subject,
	})
}

// judge checks everything that burns nothing.
func (s *Service) judge(code store.Code, req *authorizev1.RedeemRequest) error {
	switch {
	case !s.clock.Now().Before(code.Expires):
		return errCode
	case req.GetRedirectUri() != code.RedirectURI:
		return oauth.InvalidGrant("redirect_uri differs from the one in the authorization request").By("TOK-2")
	case code.DPoPKey != "" && !oauth.Equal(code.DPoPKey, req.GetDpopJkt()):
		return oauth.InvalidGrant("code is bound to another DPoP key").By("DPOP-8")
	case !oauth.VerifyS256(req.GetCodeVerifier(), code.CodeChallenge):
		return oauth.InvalidGrant("code_verifier is missing, malformed or does not fit the code_challenge").By("PKCE-1")
	}
	return nil
}

func replayed(code store.Code) *authorizev1.RedeemResponse {
	return &authorizev1.RedeemResponse{
		Authorization: &authorizev1.Authorization{AuthorizationId: code.AuthorizationID},
		Replayed:      true,
	}
}

func authorization(code store.Code) *authorizev1.Authorization {
	return &authorizev1.Authorization{
		AuthorizationId: code.AuthorizationID,
		GrantId:         code.GrantID,
		ClientId:        code.ClientID,
		Subject:         code.Answer.Subject,
		Scopes:          code.Answer.Scopes,
		Nonce:           code.Nonce,
		AuthTime:        code.Answer.AuthTime,
		Acr:             code.Answer.ACR,
		Amr:             code.Answer.AMR,
	}
}
