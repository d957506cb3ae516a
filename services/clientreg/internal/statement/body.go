package statement

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Body is client metadata that came as a JWT, taken apart and not yet believed.
type Body struct {
	signed *jose.Signed
	claims bodyClaims
}

type bodyClaims struct {
	Audience jose.Audience `json:"aud"`
	times
}

// badBody is invalid_client_metadata: the statement may be good, the request is
// not (BAD-169).
func badBody(description string) *oauth.Error {
	return oauth.New(oauth.CodeInvalidClientMetadata, description).By("DCR-1")
}

// ReadBody takes a request apart that came as application/jwt.
func ReadBody(compact []byte) (*Body, error) {
	signed, err := jose.Parse(string(compact))
	if err != nil {
		return nil, badBody("the body is not a JWT signed by PS256, ES256 or EdDSA").Because(err)
	}
	b := &Body{signed: signed}
	if err := signed.Claims(&b.claims); err != nil {
		return nil, badBody("a claim of the body is not of its type").Because(err)
	}
	return b, nil
}

// Metadata is what the body says, JSON.
func (b *Body) Metadata() []byte { return b.signed.Payload() }

// ID and Until are for using the body up: it counts once.
func (b *Body) ID() string { return b.claims.ID }

// Until is when the body can come no more, by a clock that is behind ours too.
func (b *Body) Until(tolerance time.Duration) time.Time {
	return b.claims.Expires.Time().Add(2 * tolerance)
}

// Believe tells why a body is not by the software of a statement, for this issuer
// and in time; nil where it is.
func (v *Verifier) Believe(ctx context.Context, i *issuer.Issuer, b *Body, s *Statement, now time.Time) error {
	keys, err := v.softwareKeys(ctx, s)
	if err != nil {
		return err
	}
	if err := b.signed.Verify(keys, i.Rules().SigningAlgorithms...); err != nil {
		return badBody("the body is not signed by a key of the software that the software_statement names").Because(err)
	}
	audience := s.Framework.Body.Audience
	if audience == "" {
		audience = i.Identifier
	}
	tolerance := i.Rules().Limits.ClockTolerance
	t := b.claims.times
	switch {
	case t.Issuer != s.SoftwareID:
		return badBody("iss of the body must be the software that the software_statement names")
	case !b.claims.Audience.Contains(audience):
		return badBody("aud of the body must name this issuer")
	case !t.Expires.Present() || !t.Expires.Time().After(now.Add(-tolerance)):
		return badBody("the body has no exp, or is expired")
	case t.Expires.Time().After(now.Add(s.Framework.Body.MaxLifetime + tolerance)):
		return badBody("exp of the body is too far ahead")
	case t.IssuedAt.Present() && t.IssuedAt.Time().After(now.Add(tolerance)), t.NotBefore.Present() && t.NotBefore.Time().After(now.Add(tolerance)):
		return badBody("iat or nbf of the body is ahead of time")
	case t.ID == "" || len(t.ID) > maxID:
		return badBody("jti of the body must be 1 to 256 bytes")
	}
	return nil
}

// softwareKeys are the keys that the statement vouches for, and no others.
func (v *Verifier) softwareKeys(ctx context.Context, s *Statement) (*jose.KeySet, error) {
	uri, set := s.Keys()
	if uri != "" {
		keys, _, err := v.Keys.Keys(ctx, uri)
		return keys, err
	}
	keys, err := jose.ParseKeySet(set)
	if err != nil {
		return nil, badBody("the software_statement names no keys that could have signed the body").Because(err)
	}
	return keys, nil
}

// Fits tells why metadata may not come in the form that it came in; nil where it
// may.
func (s *Statement) Fits(signed bool) error {
	form := framework.JSON
	if signed {
		form = framework.JWT
	}
	if !s.Framework.Takes(form) {
		return badBody("the trust framework does not take client metadata in this form")
	}
	return nil
}
