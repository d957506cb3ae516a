package e2e

import (
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// refusedAtAPI checks that the bank answers 401, and challenges (RFC 6750 §3).
func refusedAtAPI(t *testing.T, answer *rig.Response) {
	t.Helper()
	if answer.Is(t, http.StatusUnauthorized).Header.Get("WWW-Authenticate") == "" {
		t.Error("no WWW-Authenticate")
	}
}

// TestAPIWantsProof: a token bound to a key is worth nothing without a proof that
// was made for it (RS2-5: FAPI 2.0 §5.3.4-5).
func TestAPIWantsProof(t *testing.T) {
	t.Parallel()
	eachClient(t, proving, func(t *testing.T, s *rig.Suite, k kind) { wantsProof(t, k.client(t, s).Authorized(t)) })
}

func wantsProof(t *testing.T, f *rig.Flow) {
	t.Helper()
	f.Exchange(t)
	bearer := rig.Header("Authorization", "Bearer "+f.AccessToken)
	for _, row := range []bad{
		{"BAD-141", "ath is missing", rig.NoProofClaim("ath")},
		{"BAD-141", "ath is of another token", rig.ProofClaim("ath", oauth.Hash("other"))},
		{"BAD-141", "the proof is of another key", rig.ProofBy(rig.ES256Key())},
		{"BAD-141", "no proof", rig.NoProof},
		{"BAD-141", "as Bearer, without a proof", rig.All(bearer, rig.NoProof)},
		{"BAD-141", "as Bearer, with a good proof", bearer},
	} {
		t.Run(row.name(), func(t *testing.T) {
			refusedAtAPI(t, f.Send(t, f.Accounts(f.AccessToken, row.change)))
		})
	}
	t.Run("BAD-143 Bearer and DPoP together", func(t *testing.T) {
		both := func(r *rig.Request) { r.Header.Add("Authorization", "Bearer "+f.AccessToken) }
		answer := f.Send(t, f.Accounts(f.AccessToken, both))
		answer.Is(t, http.StatusBadRequest)
	})
	t.Run("BAD-141 the scheme in small letters: good", func(t *testing.T) {
		f.Send(t, f.Accounts(f.AccessToken, rig.Header("Authorization", "dpop "+f.AccessToken))).Is(t, http.StatusOK)
	})
}

// TestAPIWantsCertificate: a token bound to a certificate is worth nothing on a
// connection without it (RS2-5: RFC 8705 §3).
func TestAPIWantsCertificate(t *testing.T) {
	t.Parallel()
	eachClient(t, bearing, func(t *testing.T, s *rig.Suite, k kind) {
		wantsCertificate(t, k.client(t, s).Authorized(t), k.client(t, s))
	})
}

func wantsCertificate(t *testing.T, f *rig.Flow, other *rig.Client) {
	t.Helper()
	f.Exchange(t)
	text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate.Certificate[0]}))
	for _, row := range []bad{
		{"BAD-144", "another certificate", rig.With(other.Certificate)},
		{"BAD-144", "no certificate", rig.With(nil)},
		{"BAD-144", "the certificate in a header that anybody can write", rig.All(rig.With(nil), rig.Header("X-SSL-Client-Cert", url.QueryEscape(text)))},
		{"BAD-144", "the certificate in RFC 9440's header", rig.All(rig.With(nil), rig.Header("Client-Cert", ":"+base64.StdEncoding.EncodeToString(f.Certificate.Certificate[0])+":"))},
	} {
		t.Run(row.name(), func(t *testing.T) {
			refusedAtAPI(t, f.Send(t, f.Accounts(f.AccessToken, row.change)))
		})
	}
	t.Run("BAD-143 the token in the query", func(t *testing.T) {
		inQuery := func(r *rig.Request) {
			r.URL += "?access_token=" + f.AccessToken
			r.Header.Del("Authorization")
		}
		f.Send(t, f.Accounts(f.AccessToken, inQuery)).Is(t, http.StatusBadRequest)
	})
	f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusOK)
}

// TestAPIWantsAccessToken: what is signed is not for that an access token, nor is
// what says of itself to be one (RS2-3: RFC 9068 §4, RFC 8725 §3.11).
func TestAPIWantsAccessToken(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	f, elsewhere := s.Client(t).Authorized(t), s.Client(t, rig.At(rig.Other)).Authorized(t)
	f.Exchange(t)
	elsewhere.Exchange(t)
	parts := strings.Split(f.AccessToken, ".")
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"at+jwt"}`)) + "." + parts[1] + "."
	for _, row := range []struct{ id, why, token string }{
		{"BAD-145", "an id_token", f.IDToken},
		{"BAD-145", "a client assertion", f.Assertion().Text()},
		{"BAD-145", "alg none", none},
		{"BAD-145", "another signature", parts[0] + "." + parts[1] + "." + strings.Split(f.IDToken, ".")[2]},
		{"BAD-145", "a refresh token", f.RefreshToken},
	} {
		t.Run(row.id+" "+row.why, func(t *testing.T) {
			refusedAtAPI(t, f.Send(t, f.Accounts(row.token)))
		})
	}
	t.Run("BAD-145 the token of a server that the API does not trust", func(t *testing.T) {
		refusedAtAPI(t, elsewhere.Send(t, elsewhere.Accounts(elsewhere.AccessToken)))
	})
	f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusOK)
}
