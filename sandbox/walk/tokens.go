package walk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// checkTokens verifies what a client can: the id_token in full, and of the
// access token, which is for the API, only how it is bound.
func (c *client) checkTokens(ctx context.Context, s *Step, a answer) error {
	keys, err := s.get(ctx, c.plain, c.endpoint("jwks_uri"))
	if err != nil {
		return err
	}
	set, err := jose.ParseKeySet(keys.body)
	if err != nil {
		return err
	}
	c.checkAccessToken(s, set)
	c.checkIDToken(s, set, a.text("id_token"))
	return nil
}

func (c *client) checkAccessToken(s *Step, keys *jose.KeySet) {
	signed, err := jose.Parse(c.accessToken)
	if err != nil {
		s.check(len(c.accessToken) >= 22, "the access token is opaque: it says nothing by itself")
		return
	}
	var claims struct {
		Confirmation binding.Confirmation `json:"cnf"`
	}
	s.check(signed.Header.Type == "at+jwt", "the access token is a JWT of its own kind, at+jwt")
	ok := signed.Verify(keys, jose.ES256) == nil && signed.Claims(&claims) == nil
	s.check(ok && c.bound.holds(claims.Confirmation), "it is bound to %s", c.bound.what())
}

func (c *client) checkIDToken(s *Step, keys *jose.KeySet, text string) {
	var claims struct {
		Issuer   string           `json:"iss"`
		Audience jose.Audience    `json:"aud"`
		Expires  jose.NumericDate `json:"exp"`
		Nonce    string           `json:"nonce"`
		Hash     string           `json:"at_hash"`
	}
	signed, err := jose.Parse(text)
	if !s.check(err == nil && signed.Verify(keys, jose.ES256, jose.PS256) == nil && signed.Claims(&claims) == nil, "the id_token's signature is the issuer's") {
		return
	}
	s.check(claims.Issuer == c.Credential.Issuer && claims.Audience.Contains(c.Credential.ClientID), "it comes from our issuer and is meant for us")
	s.check(claims.Nonce == c.nonce, "nonce is ours: it answers this very request")
	s.check(time.Now().Before(claims.Expires.Time()), "it has not expired")
	sum := sha256.Sum256([]byte(c.accessToken))
	s.check(claims.Hash == base64.RawURLEncoding.EncodeToString(sum[:16]), "at_hash ties it to the access token")
}

// believed is how long the API may go on believing an introspection answer, and
// a little more.
const believed = 1100 * time.Millisecond

func sleep(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(believed):
		return nil
	}
}
