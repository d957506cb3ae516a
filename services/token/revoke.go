package token

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// errForeign refuses to end a token of another client's (REV-1: RFC 7009 §2.1).
var errForeign = oauth.InvalidGrant("the token was issued to another client").By("REV-1")

// Revoke ends a refresh token with every access token of its authorization, or
// one access token. A token that is unknown, or dead already, is as revoked as
// it can be (REV-2: RFC 7009 §2.2). A token_type_hint tells nothing that the
// token itself does not.
func (s *Service) Revoke(ctx context.Context, req *tokenv1.RevokeRequest) (*tokenv1.RevokeResponse, error) {
	scope := rpc.From(ctx)
	authenticated, err := s.clients.Authenticate(ctx, &clientregv1.AuthenticateRequest{
		Call:        scope.Call(),
		Credentials: req.GetForm().GetCredentials(),
	})
	if err != nil {
		return nil, err
	}
	text := req.GetForm().GetParams()[oauth.ParamToken]
	if text == "" {
		return nil, oauth.InvalidRequest("token is required").By("REV-1")
	}
	client := authenticated.GetClient().GetClientId()
	rpc.Concerns(ctx, client)
	row, found, err := s.authorizations.ByRefresh(ctx, scope.Issuer.Name, oauth.Hash(text))
	switch {
	case err != nil:
		return nil, err
	case found && row.ClientID != client:
		return nil, errForeign
	case found:
		if err := s.authorizations.Revoke(ctx, scope.Issuer.Name, row.ID, s.clock.Now()); err != nil {
			return nil, err
		}
		return &tokenv1.RevokeResponse{}, s.audit.Record(ctx, audit.Event{Kind: audit.TokenRevoked, ClientID: client, GrantID: row.GrantID, AuthorizationID: row.ID})
	}
	return &tokenv1.RevokeResponse{}, s.revokeAccessToken(ctx, client, text)
}

func (s *Service) revokeAccessToken(ctx context.Context, client, text string) error {
	claims, ok, err := s.read(ctx, text)
	switch {
	case err != nil || !ok:
		return err
	case claims.ClientID != client:
		return errForeign
	}
	if err := s.revocations.Add(ctx, rpc.From(ctx).Issuer.Name, claims.ID, time.Unix(claims.Expires, 0)); err != nil {
		return err
	}
	return s.audit.Record(ctx, audit.Event{Kind: audit.TokenRevoked, ClientID: client, AuthorizationID: authorizationOf(claims.ID), TokenID: claims.ID})
}
