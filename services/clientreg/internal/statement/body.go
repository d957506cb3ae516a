package statement

import (
	"cmp"
	"context"
	"iter"
	"slices"
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

// Issued is iat; without one, the earliest moment at which exp would not have been
// too far ahead.
func (b *Body) Issued(furthest time.Duration) time.Time {
	if b.claims.IssuedAt.Present() {
		return b.claims.IssuedAt.Time()
	}
	return b.claims.Expires.Time().Add(-furthest)
}

// Until is when the body can come no more, by this clock.
func (b *Body) Until(tolerance time.Duration) time.Time {
	return b.claims.Expires.Time().Add(tolerance)
}

// Believe tells why a body is not by the software of a statement, for this issuer
// and in time; nil where it is.
func (v *Verifier) Believe(ctx context.Context, i *issuer.Issuer, b *Body, s *Statement, now time.Time) error {
	return first(v.disbelieves(ctx, i, b, s, now))
}

// Disbelieves are all reasons of [Verifier.Believe].
func (v *Verifier) Disbelieves(ctx context.Context, i *issuer.Issuer, b *Body, s *Statement, now time.Time) []error {
	return slices.Collect(v.disbelieves(ctx, i, b, s, now))
}

func (v *Verifier) disbelieves(ctx context.Context, i *issuer.Issuer, b *Body, s *Statement, now time.Time) iter.Seq[error] {
	return each(
		one(func() error { return v.bySoftware(ctx, i, b, s) }),
		b.unfit(i, s, now),
	)
}

func (v *Verifier) bySoftware(ctx context.Context, i *issuer.Issuer, b *Body, s *Statement) error {
	keys, err := v.softwareKeys(ctx, s)
	if err != nil {
		return err
	}
	if err := b.signed.Verify(keys, i.Rules().SigningAlgorithms...); err != nil {
		return badBody("the body is not signed by a key of the software that the software_statement names").Because(err)
	}
	return nil
}

// unfit is what is wrong with the claims of a body.
func (b *Body) unfit(i *issuer.Issuer, s *Statement, now time.Time) iter.Seq[error] {
	audience := cmp.Or(s.Framework.Body.Audience, i.Identifier)
	tolerance := i.Rules().Limits.ClockTolerance
	t := b.claims.times
	expires := t.Expires.Time()
	ahead := now.Add(tolerance)
	return func(yield func(error) bool) {
		for _, f := range []fault{
			{t.Issuer != s.SoftwareID, "iss of the body must be the software that the software_statement names"},
			{!b.claims.Audience.Contains(audience), "aud of the body must name this issuer"},
			{!t.Expires.Present() || !expires.After(now.Add(-tolerance)), "the body has no exp, or is expired"},
			{t.Expires.Present() && expires.After(ahead.Add(s.Framework.Body.MaxLifetime)), "exp of the body is too far ahead"},
			{t.IssuedAt.Present() && t.IssuedAt.Time().After(ahead) || t.NotBefore.Present() && t.NotBefore.Time().After(ahead),
				"iat or nbf of the body is ahead of time"},
			{t.ID == "" || len(t.ID) > maxID, "jti of the body must be 1 to 256 bytes"},
		} {
			if f.is && !yield(badBody(f.text)) {
				return
			}
		}
	}
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
