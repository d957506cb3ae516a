package e2e

import (
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestStatements: who the trust framework vouches for registers without an initial
// access token, and nobody else does (SSA-1, DCR-2).
func TestStatements(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		p, other := s.Participant(t), s.Participant(t)
		honest, key := map[string]any{"alg": "PS256", "typ": "JWT"}, rig.ES256Key()
		vouch := func(change func(claims map[string]any)) string {
			claims := p.Claims()
			change(claims)
			return s.Vouch(t, honest, claims, rig.ByPS256)
		}
		good := func() string { return vouch(func(map[string]any) {}) }
		asks := func(statement string, pairs ...any) *rig.Request {
			return p.Application(registrable(key).with("redirect_uris", nil, "software_statement", statement).with(pairs...))
		}
		by := func(r *rig.Request, change rig.Change) *rig.Request { change(r); return r }
		nothing := func(*rsa.PrivateKey, string) []byte { return []byte("x") }
		const invalid, unapproved = oauth.CodeInvalidStatement, oauth.CodeUnapprovedStatement
		for _, row := range []struct {
			id, why string
			request *rig.Request
			status  int
			code    string
		}{
			{"BAD-150", "no certificate", by(asks(good()), rig.With(nil)), 401, ""},
			{"BAD-150", "a certificate of nobody's", by(asks(good()), rig.With(s.Client(t).Certificate)), 401, ""},
			{"BAD-150", "a wrong initial access token", by(asks(good()), rig.Header("Authorization", "Bearer "+oauth.NewSecret())), 401, "invalid_token"},
			{"BAD-151", "no statement", p.Application(registrable(key)), 401, ""},
			{"BAD-151", "cut short", asks(good()[:len(good())-9]), 400, invalid},
			{"BAD-151", "alg none", asks(s.Vouch(t, map[string]any{"alg": "none"}, p.Claims(), nothing)), 400, invalid},
			{"BAD-151", "RS256", asks(s.Vouch(t, map[string]any{"alg": "RS256"}, p.Claims(), rig.ByRS256)), 400, invalid},
			{"BAD-151", "a key in the header", asks(s.Vouch(t, map[string]any{"alg": "PS256", "jwk": key.JWK()}, p.Claims(), rig.ByPS256)), 400, invalid},
			{"BAD-152", "another issuer", asks(vouch(func(c map[string]any) { c["iss"] = "https://attacker.example" })), 400, unapproved},
			{"BAD-152", "a participant that nobody knows", asks(vouch(func(c map[string]any) { c["org_id"] = "org-unknown" })), 400, unapproved},
			{"BAD-153", "11 minutes old", asks(vouch(func(c map[string]any) { c["iat"] = s.Now().Add(-11 * time.Minute).Unix() })), 400, invalid},
			{"BAD-153", "expired", asks(vouch(func(c map[string]any) { c["exp"] = s.Now().Add(-time.Minute).Unix() })), 400, invalid},
			{"BAD-154", "another participant's certificate", by(asks(good()), rig.With(other.Certificate)), 400, invalid},
			{"BAD-155", "a redirect URI that is not in the statement", asks(good(), "redirect_uris", []string{"https://attacker.example/cb"}), 400, oauth.CodeInvalidRedirectURI},
			{"BAD-161", "scope above the role", asks(good(), "scope", "payments"), 400, invalidMetadata},
			{"BAD-163", "the statement a number", asks("", "software_statement", 7), 400, invalid},
			{"BAD-169", "the metadata as a JWT that nobody signed", by(asks(good()), rig.Raw("application/jwt", "e30.e30.e30")), 400, invalidMetadata},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) {
				answer := s.Send(t, row.request)
				if row.code == "" {
					answer.Is(t, row.status)
					return
				}
				answer.Refused(t, row.status, row.code)
			})
		}
		statement := p.Statement(t)
		answer := s.Send(t, asks(statement, "client_name", "Your bank", "fapi_compliant", true)).Is(t, http.StatusCreated)
		if answer.Text("software_statement") != statement || answer.Text("client_name") != "Budget" || answer.Text("scope") != "openid accounts" ||
			!strings.Contains(string(answer.Body), p.RedirectURI) || !strings.Contains(string(answer.Body), `"require_pushed_authorization_requests":true`) {
			t.Errorf("SSA-2: %s", answer.Body)
		}
	})
}

// TestStrictFramework: what the strictest ecosystems refuse, from software that is
// known and from who has stolen its registration access token.
func TestStrictFramework(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	p, other := s.Participant(t), s.Participant(t)
	asks := func(p *rig.Participant, statement string) *rig.Request {
		return p.ApplicationAt(rig.Other, registrable(rig.ES256Key()).with("redirect_uris", nil, "software_statement", statement))
	}
	statement := p.Statement(t)
	answer := s.Send(t, asks(p, statement)).Is(t, http.StatusCreated)
	t.Run("BAD-153 the statement again, by its jti", func(t *testing.T) {
		s.Send(t, asks(p, statement)).Refused(t, 400, oauth.CodeInvalidStatement)
	})
	t.Run("BAD-162 the software again, by a new statement", func(t *testing.T) {
		s.Send(t, asks(p, p.Statement(t))).Refused(t, 400, oauth.CodeInvalidClientMetadata)
	})
	uri, token := answer.Text("registration_client_uri"), answer.Text("registration_access_token")
	at := func(certificate *tls.Certificate) *rig.Request {
		r := reading(uri, token)
		r.Certificate = certificate
		return r
	}
	replace := registrable(rig.ES256Key()).with("client_id", answer.Text("client_id"), "redirect_uris", nil,
		"software_statement", statement, "jwks", nil, "jwks_uri", "https://attacker.example/jwks")
	for _, row := range []struct {
		why         string
		certificate *tls.Certificate
	}{{"no certificate", nil}, {"another participant's certificate", other.Certificate}} {
		t.Run("BAD-167 "+row.why, func(t *testing.T) {
			body, err := json.Marshal(replace)
			if err != nil {
				t.Fatal(err)
			}
			r := at(row.certificate)
			rig.Method(http.MethodPut)(r)
			rig.Raw("application/json", string(body))(r)
			s.Send(t, r).Refused(t, 401, oauth.CodeInvalidToken)
			s.Send(t, at(row.certificate)).Refused(t, 401, oauth.CodeInvalidToken)
		})
	}
	if now := s.Send(t, at(p.Certificate)).Is(t, http.StatusOK); strings.Contains(string(now.Body), "attacker.example") {
		t.Errorf("BAD-167: it was changed: %s", now.Body)
	}
}

// TestDirectorySuspends: the suite notices by itself that a participant was
// suspended, and that it was let in again; others stay as they are.
func TestDirectorySuspends(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		p, other := s.Participant(t), s.Participant(t)
		registered := func(p *rig.Participant) *rig.Request {
			answer := s.Send(t, p.Application(registrable(rig.ES256Key()).with("redirect_uris", nil, "software_statement", p.Statement(t)))).Is(t, http.StatusCreated)
			return reading(answer.Text("registration_client_uri"), answer.Text("registration_access_token"))
		}
		own, others := registered(p), registered(other)
		for _, step := range []struct {
			status string
			want   int
		}{{"suspended", http.StatusUnauthorized}, {"active", http.StatusOK}} {
			p.SetStatus(t, step.status)
			patience := time.Now().Add(time.Minute)
			for s.Send(t, own).StatusCode != step.want {
				if time.Now().After(patience) {
					t.Fatalf("%s: not noticed", step.status)
				}
				time.Sleep(100 * time.Millisecond) // the directory is asked every 2 s
			}
			s.Send(t, others).Is(t, http.StatusOK)
		}
	})
}
