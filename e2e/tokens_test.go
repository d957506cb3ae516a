package e2e

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// keys are the issuer's published ones.
func keys(t *testing.T, s *rig.Suite, issuer string) *jose.KeySet {
	t.Helper()
	set, err := jose.ParseKeySet(s.Send(t, rig.Get(s.Metadata(issuer).JWKSURI)).Is(t, http.StatusOK).Body)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func read(t *testing.T, keys *jose.KeySet, text, typ string, claims any, algorithm jose.Algorithm) {
	t.Helper()
	signed, err := jose.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if signed.Header.Type != typ || signed.Header.Algorithm != algorithm {
		t.Errorf("typ is %q and alg %q, want %q and %q", signed.Header.Type, signed.Header.Algorithm, typ, algorithm)
	}
	if err := signed.Verify(keys, algorithm); err != nil {
		t.Error(err)
	}
	if err := signed.Claims(claims); err != nil {
		t.Fatal(err)
	}
}

// checkAccessToken reads the token as the API would (RFC 9068 §2.2): bound to the
// client's certificate.
func checkAccessToken(t *testing.T, s *rig.Suite, f *rig.Flow) {
	t.Helper()
	var claims struct {
		Issuer       string               `json:"iss"`
		ClientID     string               `json:"client_id"`
		Scope        string               `json:"scope"`
		Confirmation binding.Confirmation `json:"cnf"`
	}
	read(t, keys(t, s, f.Name), f.AccessToken, "at+jwt", &claims, jose.ES256)
	if claims.Issuer != f.Issuer || claims.ClientID != f.ID || claims.Scope != f.Scope {
		t.Errorf("access token claims %+v", claims)
	}
	if !claims.Confirmation.HeldByCertificate(f.Certificate.Certificate[0]) {
		t.Error("access token is not bound to the client's certificate")
	}
}

// checkIDToken reads the id_token as the client must (OpenID Connect Core
// §3.1.3.7).
func checkIDToken(t *testing.T, s *rig.Suite, f *rig.Flow, algorithm jose.Algorithm) {
	t.Helper()
	var claims struct {
		Issuer   string           `json:"iss"`
		Subject  string           `json:"sub"`
		Audience jose.Audience    `json:"aud"`
		Expires  jose.NumericDate `json:"exp"`
		IssuedAt jose.NumericDate `json:"iat"`
		AuthTime jose.NumericDate `json:"auth_time"`
		Nonce    string           `json:"nonce"`
		Hash     string           `json:"at_hash"`
	}
	read(t, keys(t, s, f.Name), f.IDToken, "JWT", &claims, algorithm)
	sum := sha256.Sum256([]byte(f.AccessToken))
	switch now := s.Now(); {
	case claims.Issuer != f.Issuer || !claims.Audience.Contains(f.ID) || claims.Subject == "":
		t.Errorf("id_token claims %+v", claims)
	case claims.Nonce != f.Nonce:
		t.Errorf("nonce is %q, want %q", claims.Nonce, f.Nonce)
	case !claims.Expires.Time().After(now) || claims.IssuedAt.Time().After(now) || claims.AuthTime.Time().After(now):
		t.Errorf("id_token is of another time than %s: %+v", now, claims)
	case claims.Hash != base64.RawURLEncoding.EncodeToString(sum[:16]):
		t.Error("at_hash does not tie the id_token to the access token")
	}
}
