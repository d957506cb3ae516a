package token

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/dpop"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// userinfo is the claims of OpenID Connect Core §5.3.2: what the suite itself
// knows of a user.
type userinfo struct {
	Subject  string `json:"sub"`
	AuthTime int64  `json:"auth_time,omitempty"`
	ACR      string `json:"acr,omitempty"`
}

// UserInfo is a protected resource of the authorization server's own: it checks
// the token and its binding as any other would (RS2-5), then the scope openid
// (OIDC-4).
func (s *Service) UserInfo(ctx context.Context, req *tokenv1.UserInfoRequest) (*tokenv1.UserInfoResponse, error) {
	if req.GetAccessToken() == "" {
		return nil, oauth.InvalidToken("an access token is required").By("RSE-1")
	}
	proof, err := s.proofs.Check(ctx, dpop.Presented{
		Compact: req.GetDpopProof(), Method: req.GetMethod(), URL: req.GetUrl(), AccessToken: req.GetAccessToken(), NonceOptional: true,
	})
	if err != nil {
		return nil, atResource(err)
	}
	claims, stands, err := s.inspect(ctx, req.GetAccessToken())
	rpc.Concerns(ctx, claims.ClientID)
	rpc.ConcernsGrant(ctx, "", authorizationOf(claims.ID))
	if err != nil {
		return nil, err
	}
	if !stands || !held(claims.Confirmation, req, proof) {
		return nil, oauth.InvalidToken("the access token is not active or not yours").By("RS2-5")
	}
	if err := s.proofs.Burn(ctx, proof); err != nil {
		return nil, atResource(err)
	}
	if !hasScope(claims.Scope, oauth.ScopeOpenID) {
		return nil, oauth.New(oauth.CodeInsufficientScope, "the scope openid is required").By("OIDC-4")
	}
	body, err := json.Marshal(userinfo{Subject: claims.Subject, AuthTime: claims.AuthTime, ACR: claims.ACR})
	return &tokenv1.UserInfoResponse{Claims: body}, err
}

// held tells whether the sender holds everything that the token is bound to, and
// uses the scheme that belongs to it (DPOP-7: no DPoP token under Bearer).
func held(confirmation binding.Confirmation, req *tokenv1.UserInfoRequest, proof *binding.Proof) bool {
	if !strings.EqualFold(req.GetScheme(), confirmation.Scheme()) || confirmation == (binding.Confirmation{}) {
		return false
	}
	if confirmation.KeyThumbprint != "" && !confirmation.HeldByKey(proof) {
		return false
	}
	if confirmation.CertificateThumbprint == "" {
		return true
	}
	certificates := req.GetCertificates()
	return len(certificates) > 0 && confirmation.HeldByCertificate(certificates[0])
}

func hasScope(scope, wanted string) bool {
	for value := range strings.SplitSeq(scope, " ") {
		if value == wanted {
			return true
		}
	}
	return false
}

// atResource is a refusal of a proof as a protected resource answers it: with
// 401 and a challenge (DPOP-6: RFC 9449 §7.1).
func atResource(err error) error {
	refusal, ok := oauth.AsError(err)
	if !ok || (refusal.Code != oauth.CodeInvalidDPoPProof && refusal.Code != oauth.CodeUseDPoPNonce) {
		return err
	}
	copied := *refusal
	copied.Status = 401
	return &copied
}
