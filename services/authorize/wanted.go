package authorize

import (
	"context"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/claims"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// wantedACR are the authentication context classes of which one must be met,
// best first: those of an essential acr claim (OIDC-3), else acr_values (STEP-1).
func wantedACR(params map[string]string) []string {
	if essential := claimsOf(params).EssentialACR(); len(essential) > 0 {
		return essential
	}
	return slices.Compact(strings.Fields(params["acr_values"]))
}

// claimsOf reads the claims parameter, which the profile has judged.
func claimsOf(params map[string]string) claims.Request {
	asked, _ := claims.Parse(params["claims"])
	return asked
}

var errHint = oauth.InvalidRequest("id_token_hint is not an id_token of this issuer for this client").By("OIDC-2")

var errTwoUsers = oauth.New(oauth.CodeLoginRequired, "id_token_hint and claims name different users").By("OIDC-3")

// expectedSubject is the user whom the request names, by an id_token_hint or by
// the value of a sub claim; empty where it names nobody. Who names two wants
// somebody that there is not.
func (s *Service) expectedSubject(ctx context.Context, session store.Session) (string, error) {
	claimed := strings.Join(claimsOf(session.Params).Subjects(), "")
	hint := session.Params["id_token_hint"]
	if hint == "" {
		return claimed, nil
	}
	hinted, err := s.hintedSubject(ctx, session.ClientID, hint)
	if err == nil && claimed != "" && claimed != hinted {
		return "", errTwoUsers
	}
	return hinted, err
}

// hintedSubject is the user of an id_token that this issuer gave this client.
func (s *Service) hintedSubject(ctx context.Context, clientID, hint string) (string, error) {
	signed, err := jose.Parse(hint)
	if err != nil {
		return "", errHint.Because(err)
	}
	keys, err := s.keys.Find(ctx, signed.Header.KeyID)
	if err != nil {
		return "", err
	}
	of := rpc.From(ctx).Issuer
	// The hint's exp may be past: it tells who, not whether still (OIDC-2). But it is
	// there, as iat and sub are. That tells an id_token from what else an issuer signs
	// for a client under the same typ: userinfo does not expire, JARM has no subject.
	var claims struct {
		Issuer   string        `json:"iss"`
		Subject  string        `json:"sub"`
		Audience jose.Audience `json:"aud"`
		Expires  int64         `json:"exp"`
		Issued   int64         `json:"iat"`
	}
	if err := signed.Verify(keys, of.IDTokenAlgorithms...); err != nil {
		return "", errHint.Because(err)
	}
	if signed.Claims(&claims) != nil || signed.Header.Type != "JWT" || claims.Issuer != of.Identifier ||
		claims.Subject == "" || claims.Expires == 0 || claims.Issued == 0 || !claims.Audience.Contains(clientID) {
		return "", errHint
	}
	return claims.Subject, nil
}
