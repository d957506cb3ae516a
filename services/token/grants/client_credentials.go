package grants

import (
	"context"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// clientCredentials is RFC 6749 §4.4: a client acts for itself. There is no user,
// so there is no openid and no refresh token (TOK-4, BAD-116).
func clientCredentials(ctx context.Context, req Request) (Issuance, error) {
	allowed := slices.DeleteFunc(slices.Clone(req.Client.GetScopes()), func(s string) bool { return s == oauth.ScopeOpenID })
	scopes := allowed
	if asked := req.Params[oauth.ParamScope]; asked != "" {
		var ok bool
		if scopes, ok = oauth.ParseScope(asked); !ok {
			return Issuance{}, errClientScope
		}
	}
	if len(scopes) == 0 || !oauth.Subset(scopes, allowed) || !oauth.Subset(scopes, rpc.From(ctx).Issuer.ScopeNames()) {
		return Issuance{}, errClientScope
	}
	return Issuance{Subject: req.Client.GetClientId(), Scopes: scopes}, nil
}

var errClientScope = oauth.InvalidScope("scope is malformed or beyond what this client may ask for itself").By("TOK-4")
