package authorize

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// claimRequest is how OpenID Connect Core §5.5.1 asks for one claim.
type claimRequest struct {
	Essential bool     `json:"essential"`
	Value     string   `json:"value"`
	Values    []string `json:"values"`
}

func (c *claimRequest) all() []string {
	if c == nil {
		return nil
	}
	if c.Value != "" {
		return append([]string{c.Value}, c.Values...)
	}
	return c.Values
}

// claimsRequest is what is honoured of the claims parameter; the rest is
// ignored, as the specification says.
type claimsRequest struct {
	IDToken struct {
		ACR     *claimRequest `json:"acr"`
		Subject *claimRequest `json:"sub"`
	} `json:"id_token"`
}

// claims reads the claims parameter. A member of an unknown shape asks for
// nothing that is served.
func claims(params map[string]string) claimsRequest {
	var request claimsRequest
	if text := params["claims"]; text != "" {
		if err := json.Unmarshal([]byte(text), &request); err != nil {
			return claimsRequest{}
		}
	}
	return request
}

// wantedACR are the authentication context classes of which one must be met,
// best first: acr_values, and an essential acr claim (OIDC-3).
func wantedACR(params map[string]string) []string {
	wanted := strings.Fields(params["acr_values"])
	if acr := claims(params).IDToken.ACR; acr != nil && acr.Essential {
		wanted = append(wanted, acr.all()...)
	}
	return slices.Compact(wanted)
}

var errHint = oauth.InvalidRequest("id_token_hint is not an id_token of this issuer for this client").By("OIDC-2")

// expectedSubject is the user whom the request names, by an id_token_hint or by
// the value of a sub claim; empty where it names nobody.
func (s *Service) expectedSubject(ctx context.Context, session store.Session) (string, error) {
	hint := session.Params["id_token_hint"]
	if hint == "" {
		if values := claims(session.Params).IDToken.Subject.all(); len(values) > 0 {
			return values[0], nil
		}
		return "", nil
	}
	signed, err := jose.Parse(hint)
	if err != nil {
		return "", errHint.Because(err)
	}
	keys, err := s.keys.Find(ctx, signed.Header.KeyID)
	if err != nil {
		return "", err
	}
	of := rpc.From(ctx).Issuer
	// The hint's exp is ignored: it tells who, not whether still (OIDC-2).
	var claims struct {
		Issuer   string        `json:"iss"`
		Subject  string        `json:"sub"`
		Audience jose.Audience `json:"aud"`
	}
	if err := signed.Verify(keys, of.IDTokenAlgorithms...); err != nil {
		return "", errHint.Because(err)
	}
	if signed.Claims(&claims) != nil || signed.Header.Type != "JWT" || claims.Issuer != of.Identifier || !claims.Audience.Contains(session.ClientID) {
		return "", errHint
	}
	return claims.Subject, nil
}
