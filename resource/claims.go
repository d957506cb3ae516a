package resource

import (
	"encoding/json"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Claims are what a JWT access token (RFC 9068 §2.2) and an introspection
// answer (RFC 7662 §2.2) both say of a token.
type Claims struct {
	Issuer   string           `json:"iss,omitempty"`
	Subject  string           `json:"sub,omitempty"`
	Audience jose.Audience    `json:"aud,omitzero"`
	ClientID string           `json:"client_id,omitempty"`
	ID       string           `json:"jti,omitempty"`
	Expires  jose.NumericDate `json:"exp,omitzero"`
	IssuedAt jose.NumericDate `json:"iat,omitzero"`
	// NotBefore is checked where it is given; nothing requires it.
	NotBefore jose.NumericDate `json:"nbf,omitzero"`
	// Scope values are separated by single spaces.
	Scope                string               `json:"scope,omitempty"`
	Confirmation         binding.Confirmation `json:"cnf,omitzero"`
	AuthorizationDetails json.RawMessage      `json:"authorization_details,omitempty"` // RFC 9396 §9
	AuthTime             jose.NumericDate     `json:"auth_time,omitzero"`
	ACR                  string               `json:"acr,omitempty"`
}

const (
	// expiryLeeway is how long past its exp a token still passes, for clocks
	// that differ. RFC 9068 §4 allows "a few minutes at most"; tokens here live
	// for minutes, so ours is 5 s.
	expiryLeeway = 5 * time.Second
	// clocksApart is how far apart the clocks of two replicas may be: what the one
	// has seen, the other must be told of until it refuses it for its age.
	clocksApart = 2 * time.Minute
	// futureSkew is how far ahead of our clock iat and nbf may be. SP2-13
	// (FAPI 2.0 §5.3.2.1): accept up to 10 s, refuse beyond 60 s; between is
	// ours to choose.
	futureSkew = 30 * time.Second
)

// standing tells whether the claims are a live token of this issuer for this
// API. An issuer that is not ours is the cuckoo's (RS2-6: FAPI 2.0 §6.7).
func (c *Claims) standing(config Config, now time.Time) error {
	switch {
	case c.Issuer != config.Issuer:
		return oauth.InvalidToken("the access token is of another issuer").By("RS2-6")
	case !c.Audience.Contains(config.Resource):
		return oauth.InvalidToken("the access token is not for this resource").By("AT-2")
	case c.ClientID == "":
		return oauth.InvalidToken("the access token has no client_id").By("AT-2")
	case !c.Expires.Present():
		return oauth.InvalidToken("the access token has no exp").By("AT-2")
	}
	return c.timely(now)
}

// timely tells whether now is within exp, iat and nbf, as far as they are given.
func (c *Claims) timely(now time.Time) error {
	latest := now.Add(futureSkew)
	switch {
	case c.Expires.Present() && !now.Before(c.Expires.Time().Add(expiryLeeway)):
		return oauth.InvalidToken("the access token has expired").By("RS2-3")
	case c.IssuedAt.Time().After(latest), c.NotBefore.Time().After(latest):
		return oauth.InvalidToken("the access token is not valid yet").By("RS2-3")
	}
	return nil
}

// complete tells whether a JWT has what RFC 9068 §2.2 requires beyond standing.
func (c *Claims) complete() error {
	if c.Subject == "" || c.ID == "" || !c.IssuedAt.Present() {
		return oauth.InvalidToken("the access token lacks sub, jti or iat").By("AT-2")
	}
	return nil
}
