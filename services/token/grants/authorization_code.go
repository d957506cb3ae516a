package grants

import (
	"context"
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	"github.com/strongroom-fapi/strongroom/services/token/internal/store"
)

// authorizationCode is RFC 6749 §4.1.3 with PKCE (RFC 7636 §4.5).
type authorizationCode struct{ Deps }

var errReplayed = oauth.InvalidGrant("code is unknown, expired, used or another client's").By("SP2-29")

func (g authorizationCode) issue(ctx context.Context, req Request) (Issuance, error) {
	if req.Params[oauth.ParamCode] == "" {
		return Issuance{}, oauth.InvalidRequest("code is required").By("TOK-2")
	}
	redeemed, err := g.Authorize.Redeem(ctx, &authorizev1.RedeemRequest{
		Call:         rpc.From(ctx).Call(),
		Code:         req.Params[oauth.ParamCode],
		ClientId:     req.Client.GetClientId(),
		RedirectUri:  req.Params[oauth.ParamRedirectURI],
		CodeVerifier: req.Params[oauth.ParamCodeVerifier],
		DpopJkt:      req.ProofKey,
	})
	if err != nil {
		return Issuance{}, err
	}
	authorization := redeemed.GetAuthorization()
	rpc.ConcernsGrant(ctx, authorization.GetGrantId(), authorization.GetAuthorizationId())
	if redeemed.GetReplayed() {
		return Issuance{}, g.revoke(ctx, authorization.GetAuthorizationId())
	}
	return g.record(ctx, req, authorization)
}

// record writes the authorization's one row. The row decides: whatever Redis
// forgot, a second attempt with the same code finds it taken, for as long as the code
// could come by the clock of any replica.
func (g authorizationCode) record(ctx context.Context, req Request, authorization *authorizev1.Authorization) (Issuance, error) {
	scope, now := rpc.From(ctx), g.Clock.Now()
	lifetimes := scope.Issuer.Lifetimes
	row := store.Authorization{
		ID:       authorization.GetAuthorizationId(),
		GrantID:  authorization.GetGrantId(),
		ClientID: authorization.GetClientId(),
		Subject:  authorization.GetSubject(),
		Scopes:   authorization.GetScopes(),
		AuthTime: authorization.GetAuthTime(),
		ACR:      authorization.GetAcr(),
		AMR:      authorization.GetAmr(),
		Attempt:  scope.Attempt(),
		Created:  now,
		Expires:  now.Add(max(lifetimes.AccessToken, lifetimes.Code+redisconn.ClocksApart)),
	}
	issuance := issuanceOf(row)
	issuance.Nonce = authorization.GetNonce()
	if slices.Contains(req.Client.GetGrantTypes(), oauth.GrantRefreshToken) {
		issuance.RefreshToken = oauth.NewSecret()
		row.RefreshHash = oauth.Hash(issuance.RefreshToken)
		row.Expires = now.Add(lifetimes.RefreshToken)
	}
	ours, err := g.Authorizations.Add(ctx, scope.Issuer.Name, row)
	if err != nil {
		return Issuance{}, err
	}
	if !ours {
		return Issuance{}, g.revoke(ctx, row.ID)
	}
	return issuance, nil
}

// issuanceOf is what an authorization is good for.
func issuanceOf(row store.Authorization) Issuance {
	return Issuance{
		AuthorizationID: row.ID,
		GrantID:         row.GrantID,
		Subject:         row.Subject,
		Scopes:          row.Scopes,
		AuthTime:        row.AuthTime,
		ACR:             row.ACR,
		AMR:             row.AMR,
	}
}

// revoke ends what a replayed code bought (SP2-29: RFC 6749 §4.1.2). A store
// that cannot revoke answers 503, so that the client does not take the replay
// for settled.
func (g authorizationCode) revoke(ctx context.Context, authorizationID string) error {
	scope := rpc.From(ctx)
	if err := g.Authorizations.Revoke(ctx, scope.Issuer.Name, authorizationID, g.Clock.Now()); err != nil {
		return err
	}
	g.Log.WarnContext(ctx, "code replayed: its tokens are revoked", "rule", "SP2-29",
		"issuer", scope.Issuer.Name, "interaction_id", scope.InteractionID(), "authorization_id", authorizationID)
	if err := g.Audit.Record(ctx, audit.Event{Kind: audit.CodeReplayed, AuthorizationID: authorizationID, Rule: "SP2-29"}); err != nil {
		return err
	}
	return errReplayed
}
