package resource

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Token is an access token that passed every check.
type Token struct {
	Issuer string
	// Subject is the sub: a user, pairwise where the client is, or the client
	// itself under client_credentials. An opaque token may have none.
	Subject  string
	ClientID string
	// ID is the jti. An opaque token may have none.
	ID     string
	Scopes []string
	// Expires is the exp, in UTC.
	Expires time.Time
	// AuthorizationDetails is the JSON array of RFC 9396, nil if there is none.
	AuthorizationDetails json.RawMessage
	// AuthTime and ACR tell when and how the user logged in; zero if not said.
	AuthTime time.Time
	ACR      string
	// Confirmation is what the token is bound to; the sender has proven it.
	Confirmation binding.Confirmation

	nonce string
}

// SendNonce puts a fresh DPoP nonce into an answer, where the client needs one,
// and forbids to cache it (RFC 9449 §8.2). Require does it for its handler; who
// calls Verify does it before writing.
func (t *Token) SendNonce(w http.ResponseWriter) {
	if t.nonce != "" {
		w.Header().Set("DPoP-Nonce", t.nonce)
		w.Header().Set("Cache-Control", "no-store")
	}
}

// token is fresh, so that nothing a handler does to it reaches another request.
func (c *Claims) token(nonce string) (*Token, error) {
	var scopes []string
	if c.Scope != "" {
		var ok bool
		if scopes, ok = oauth.ParseScope(c.Scope); !ok {
			return nil, oauth.InvalidToken("the scope of the access token is malformed").By("RS2-4")
		}
	}
	return &Token{
		Issuer:               c.Issuer,
		Subject:              c.Subject,
		ClientID:             c.ClientID,
		ID:                   c.ID,
		Scopes:               scopes,
		Expires:              c.Expires.Time(),
		AuthorizationDetails: slices.Clone(c.AuthorizationDetails),
		AuthTime:             c.AuthTime.Time(),
		ACR:                  c.ACR,
		Confirmation:         c.Confirmation,
		nonce:                nonce,
	}, nil
}

type tokenKey struct{}

// TokenFrom is the token that Require let pass; false where there was none.
func TokenFrom(ctx context.Context) (*Token, bool) {
	token, ok := ctx.Value(tokenKey{}).(*Token)
	return token, ok
}
