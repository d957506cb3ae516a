package authorize

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// issue writes the grant and keeps the code for it. The grant's row is UNIQUE by
// request_uri, so that one pushed request can never buy two grants, whatever Redis
// forgot.
func (s *Service) issue(ctx context.Context, back wayBack) error {
	scope, session := rpc.From(ctx), back.session
	now := s.clock.Now()
	lifetimes := scope.Issuer.Lifetimes
	grant := store.Grant{
		ID:          oauth.NewID(),
		ClientID:    session.ClientID,
		ClientName:  session.ClientName,
		Subject:     session.Answer.Subject,
		Scopes:      session.Answer.Scopes,
		RequestHash: oauth.Hash(session.RequestURI),
		Session:     authorizationID(back.id),
		Created:     now,
		Expires:     now.Add(lifetimes.Code + lifetimes.AccessToken),
	}
	if session.Refreshes {
		grant.Expires = now.Add(lifetimes.Code + lifetimes.RefreshToken)
	}
	grant, err := s.grants.Add(ctx, scope.Issuer.Name, grant)
	if err != nil {
		return err
	}
	expires := codeExpires(grant.Created, now, lifetimes)
	if !now.Before(expires) {
		return errWayBack
	}
	authorization := authorizationID(back.id)
	if err := s.audit.Record(ctx, audit.Event{
		Kind: audit.GrantCreated, ClientID: grant.ClientID, GrantID: grant.ID, AuthorizationID: authorization, Subject: grant.Subject, Scopes: grant.Scopes,
	}); err != nil {
		return err
	}
	record := store.Code{
		AuthorizationID: authorization,
		GrantID:         grant.ID,
		ClientID:        session.ClientID,
		RedirectURI:     session.Params[oauth.ParamRedirectURI],
		CodeChallenge:   session.Params[oauth.ParamCodeChallenge],
		Nonce:           session.Params[oauth.ParamNonce],
		DPoPKey:         session.Params[oauth.ParamDPoPKey],
		Answer:          session.Answer.Answer,
		Expires:         expires,
	}
	// The record outlives the code, so that a replay can still be told from an
	// unknown code while what it bought may be alive (SP2-29).
	return s.codes.Put(ctx, scope.Issuer.Name, back.code, record, lifetimes.Code+lifetimes.AccessToken)
}

// codeExpires is when a code does, which was perhaps made again some time after its
// grant. What a code bought stands in SQL for the life of an access token at least, so
// that a code which does not outlive that is spent once whatever Redis forgot.
func codeExpires(granted, now time.Time, of issuer.Lifetimes) time.Time {
	expires, known := now.Add(of.Code), granted.Add(max(of.Code, of.AccessToken))
	if known.Before(expires) {
		return known
	}
	return expires
}

// codeOf is the code of a way back. It follows from the two secrets that the browser
// alone has both of, 256 random bits each (CRY-4), and can be told by nobody else: so
// whoever comes again is given the same code, and there is never a second.
func codeOf(handle, cookie string) string { return derived(cookie, "code "+handle) }

// authorizationID is the name of what a session buys. It tells nothing of the
// session's id, which is a part of secrets.
func authorizationID(sessionID string) string { return oauth.Hash(sessionID)[:22] }
