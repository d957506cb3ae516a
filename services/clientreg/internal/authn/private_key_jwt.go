package authn

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// claims of a client assertion, RFC 7523 §3.
type claims struct {
	Issuer    string           `json:"iss"`
	Subject   string           `json:"sub"`
	Audience  jose.Audience    `json:"aud"`
	ID        string           `json:"jti"`
	Expires   jose.NumericDate `json:"exp"`
	IssuedAt  jose.NumericDate `json:"iat"`
	NotBefore jose.NumericDate `json:"nbf"`
}

// maxID bounds a jti, in bytes.
const maxID = 256

// privateKeyJWT is private_key_jwt, RFC 7523 §2.2 and OpenID Connect Core §9: an
// assertion signed by a key of the client, for us alone, not long, and once. The
// signature comes first, so that only the client itself hears what else is wrong.
func privateKeyJWT(a Attempt, client *directory.Client) (Once, error) {
	allowed := a.Issuer.Rules().SigningAlgorithms
	if client.Algorithm != "" {
		if !slices.Contains(allowed, client.Algorithm) {
			return Once{}, errUnproven.Because(errors.New("registered algorithm is not the profile's"))
		}
		allowed = []jose.Algorithm{client.Algorithm}
	}
	if err := a.Presented.assertion.Verify(client.Keys, allowed...); err != nil {
		return Once{}, errUnproven.Because(err)
	}
	for _, rule := range assertionRules {
		if !rule.holds(a) {
			return Once{}, oauth.InvalidClient(rule.fail).By(rule.id)
		}
	}
	tolerance := a.Issuer.Rules().Limits.ClockTolerance
	expires := a.Presented.claims.Expires.Time()
	return Once{ID: a.Presented.claims.ID, Issued: issued(a), Until: expires.Add(tolerance)}, nil
}

// issued is iat; without one, the earliest moment at which the assertion would
// not have been too far ahead.
func issued(a Attempt) time.Time {
	if iat := a.Presented.claims.IssuedAt; iat.Present() {
		return iat.Time()
	}
	limits := a.Issuer.Rules().Limits
	return a.Presented.claims.Expires.Time().Add(-limits.AssertionLifetime - limits.ClockTolerance)
}

// assertionRules are what must hold of an assertion that the client signed.
var assertionRules = []struct {
	id    string
	fail  string
	holds func(Attempt) bool
}{
	{
		id: "PKJ-2", fail: "typ of client_assertion must be absent, JWT or client-authentication+jwt",
		// A JWT of another explicit type is not meant as an assertion (RFC 8725
		// §3.11); types are media types, compared without case.
		holds: func(a Attempt) bool {
			typ := a.Presented.assertion.Header.Type
			return typ == "" || strings.EqualFold(typ, "JWT") || strings.EqualFold(typ, "client-authentication+jwt")
		},
	},
	{
		id: "PKJ-2", fail: "iss and sub of client_assertion must both be the client_id",
		holds: func(a Attempt) bool { return a.Presented.claims.Issuer == a.Presented.ClientID },
	},
	{
		// FAPI 2.0 §5.3.2.1-8, PKJ-4: an array could hide a second audience, and
		// another URL than the issuer's could be one that an attacker names.
		id: "SP2-8", fail: "aud of client_assertion must be the issuer identifier, as a string and alone",
		holds: func(a Attempt) bool {
			audience, ok := a.Presented.claims.Audience.Single()
			return ok && audience == a.Issuer.Identifier
		},
	},
	{
		id: "PKJ-2", fail: "client_assertion has no exp, or is expired",
		holds: func(a Attempt) bool {
			exp := a.Presented.claims.Expires
			return exp.Present() && exp.Time().Add(a.Issuer.Rules().Limits.ClockTolerance).After(a.Now)
		},
	},
	{
		id: "PKJ-2", fail: "exp of client_assertion is too far ahead",
		holds: func(a Attempt) bool {
			return !ahead(a, a.Presented.claims.Expires, a.Issuer.Rules().Limits.AssertionLifetime)
		},
	},
	{
		id: "SP2-13", fail: "iat or nbf of client_assertion is ahead of time",
		holds: func(a Attempt) bool {
			return !ahead(a, a.Presented.claims.IssuedAt, 0) && !ahead(a, a.Presented.claims.NotBefore, 0)
		},
	},
	{
		id: "PKJ-2", fail: "jti of client_assertion must be 1 to 256 bytes",
		holds: func(a Attempt) bool { return a.Presented.claims.ID != "" && len(a.Presented.claims.ID) <= maxID },
	},
}

// ahead tells whether a date lies further ahead than by and the clock tolerance;
// an absent one does not.
func ahead(a Attempt, date jose.NumericDate, by time.Duration) bool {
	return date.Present() && date.Time().After(a.Now.Add(by+a.Issuer.Rules().Limits.ClockTolerance))
}
