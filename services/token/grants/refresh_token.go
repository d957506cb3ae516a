package grants

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
)

// refreshToken is RFC 6749 §6. The token is not rotated (SP2-9: FAPI 2.0
// §5.3.2.1-9), so it is answered unchanged. It is bound to its client by client
// authentication alone: the new access token is bound to whatever certificate or
// key comes now (MTLS-6, DPOP-9).
type refreshToken struct{ Deps }

var errRefresh = oauth.InvalidGrant("refresh_token is unknown, expired, revoked or another client's").By("TOK-3")

func (g refreshToken) issue(ctx context.Context, req Request) (Issuance, error) {
	presented := req.Params[oauth.ParamRefreshToken]
	if presented == "" {
		return Issuance{}, oauth.InvalidRequest("refresh_token is required").By("TOK-3")
	}
	scope := rpc.From(ctx)
	row, found, err := g.Authorizations.ByRefresh(ctx, scope.Issuer.Name, oauth.Hash(presented))
	if err != nil {
		return Issuance{}, err
	}
	if !found || row.ClientID != req.Client.GetClientId() {
		return Issuance{}, errRefresh
	}
	rpc.ConcernsGrant(ctx, row.GrantID, row.ID)
	if row.Revoked || !g.Clock.Now().Before(row.Expires) {
		return Issuance{}, errRefresh
	}
	// Ends are asked for: the grant's owner refuses one that was withdrawn.
	if _, err := g.Authorize.GetGrant(ctx, &authorizev1.GetGrantRequest{Call: scope.Call(), GrantId: row.GrantID}); err != nil {
		return Issuance{}, err
	}
	issuance := issuanceOf(row)
	issuance.RefreshToken = presented
	if asked := req.Params[oauth.ParamScope]; asked != "" {
		scopes, ok := oauth.ParseScope(asked)
		if !ok || !oauth.Subset(scopes, row.Scopes) {
			return Issuance{}, oauth.InvalidScope("scope is malformed or beyond what was granted").By("TOK-3")
		}
		issuance.Scopes = scopes
	}
	return issuance, nil
}
