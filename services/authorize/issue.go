package authorize

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// issue writes the grant and a one-time code for it. The grant's row is UNIQUE
// by request_uri, so that one pushed request can never buy two grants, whatever
// Redis forgot.
func (s *Service) issue(ctx context.Context, id string, session store.Session) (string, error) {
	scope := rpc.From(ctx)
	now := s.clock.Now()
	lifetimes := scope.Issuer.Lifetimes
	grant := store.Grant{
		ID:          oauth.NewID(),
		ClientID:    session.ClientID,
		ClientName:  session.ClientName,
		Subject:     session.Answer.Subject,
		Scopes:      session.Answer.Scopes,
		RequestHash: oauth.Hash(session.RequestURI),
		Attempt:     scope.Attempt(),
		Created:     now,
		Expires:     now.Add(lifetimes.Code + lifetimes.AccessToken),
	}
	if session.Refreshes {
		grant.Expires = now.Add(lifetimes.Code + lifetimes.RefreshToken)
	}
	grant, err := s.grants.Add(ctx, scope.Issuer.Name, grant)
	if err != nil {
		return "", err
	}
	authorization := authorizationID(id)
	if err := s.audit.Record(ctx, audit.Event{
		Kind: audit.GrantCreated, ClientID: grant.ClientID, GrantID: grant.ID, AuthorizationID: authorization, Subject: grant.Subject, Scopes: grant.Scopes,
	}); err != nil {
		return "", err
	}
	code := oauth.NewSecret()
	record := store.Code{
		AuthorizationID: authorization,
		GrantID:         grant.ID,
		ClientID:        session.ClientID,
		RedirectURI:     session.Params[oauth.ParamRedirectURI],
		CodeChallenge:   session.Params[oauth.ParamCodeChallenge],
		Nonce:           session.Params[oauth.ParamNonce],
		DPoPKey:         session.Params[oauth.ParamDPoPKey],
		Answer:          *session.Answer,
		Expires:         now.Add(lifetimes.Code),
	}
	// The record outlives the code, so that a replay can still be told from an
	// unknown code while what it bought may be alive (SP2-29).
	err = s.codes.Put(ctx, scope.Issuer.Name, code, record, lifetimes.Code+lifetimes.AccessToken)
	return code, err
}

// authorizationID is the name of what a session buys. It tells nothing of the
// session's id, which is a part of secrets.
func authorizationID(sessionID string) string { return oauth.Hash(sessionID)[:22] }
