package clientreg_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestStatementVouches: the statement's values are in effect, whatever was asked
// for, and it comes back as it was (SSA-2: RFC 7591 §3.2.1).
func TestStatementVouches(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		for _, iss := range []string{brazil, cdr, uk} {
			a := w.application(iss, host, member("client_name", "Your bank"), member("contacts", []string{"ops@client.example"}),
				claim("software_version", "7"), claim("software_client_name", "Budget"))
			client, err := service.apply(a)
			if err != nil {
				t.Fatalf("%s: %v", iss, err)
			}
			if client.SoftwareStatement != a.members["software_statement"] || client.SoftwareID != a.claims["software_id"] {
				t.Errorf("%s: the statement was changed: %s", iss, client.raw)
			}
			if client.ClientName != "Budget" || client.JWKSURI != host.URL+"/jwks" || client.SoftwareVersion != "7" || client.Scope != "openid accounts" {
				t.Errorf("%s: the request beat the statement: %s", iss, client.raw)
			}
			if strings.Join(client.RedirectURIs, " ") != "https://client.example/cb" || strings.Join(client.Contacts, " ") != "ops@client.example" {
				t.Errorf("%s: what the request may choose was not kept: %s", iss, client.raw)
			}
			if _, err := service.authenticate(w.assertion(client.ClientID)); err != nil {
				t.Errorf("%s: %v", iss, err)
			}
		}
		client, err := service.apply(w.application(brazil, host, func(a *application) { delete(a.members, "redirect_uris") }))
		if err != nil || len(client.RedirectURIs) != 2 {
			t.Errorf("who chooses nothing has all: %v, %s", err, client.raw)
		}
	})
}

// TestStatementRefused: one thing is wrong with a good application.
func TestStatementRefused(t *testing.T) {
	const invalid, unapproved, metadata = oauth.CodeInvalidStatement, oauth.CodeUnapprovedStatement, oauth.CodeInvalidClientMetadata
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		otherUID := func(c *x509.Certificate) {
			c.Subject.ExtraNames[0].Value = "software-of-another"
		}
		jwk := must(must(jose.NewKey(rsaKey.Public(), "rsa")).MarshalJSON())
		for _, row := range []struct {
			name, iss, code, rule string
			change                func(*application)
		}{
			{"BAD-151 no statement", brazil, oauth.CodeInvalidToken, "DCR-2", func(a *application) { a.statement = nil }},
			{"BAD-151 signed by another key", brazil, invalid, "SSA-1", signedBy(object{"alg": "ES256", "kid": "ec"}, es256(ecKey))},
			{"BAD-151 signature of something else", brazil, invalid, "SSA-1", signedBy(object{"alg": "PS256", "kid": "rsa"}, func(string) []byte { return ps256("x") })},
			{"BAD-151 alg none", brazil, invalid, "SSA-1", signedBy(object{"alg": "none"}, constant([]byte("x")))},
			{"BAD-151 RS256", brazil, invalid, "SSA-1", signedBy(object{"alg": "RS256", "kid": "rsa"}, rs256)},
			{"BAD-151 HS256 with the public key", brazil, invalid, "SSA-1", signedBy(object{"alg": "HS256", "kid": "rsa"}, hs256(jwk))},
			{"BAD-151 signed by a key in its header", brazil, invalid, "SSA-1", signedBy(object{"alg": "PS256", "jwk": object{"kty": "RSA"}}, ps256)},
			{"BAD-151 key by jku", brazil, invalid, "SSA-1", signedBy(object{"alg": "PS256", "kid": "rsa", "jku": "https://attacker.example"}, ps256)},
			{"BAD-151 kid of no key", brazil, invalid, "SSA-1", signedBy(object{"alg": "PS256", "kid": "other"}, ps256)},
			{"BAD-151 no JWT", brazil, invalid, "SSA-1", func(a *application) { a.statement = func(object) string { return "x" } }},
			{"a token of the same issuer (THR-13)", brazil, invalid, "SSA-1", signedBy(object{"alg": "PS256", "kid": "rsa", "typ": "at+jwt"}, ps256)},
			{"no iss", brazil, invalid, "SSA-1", noClaim("iss")},
			{"BAD-152 another issuer", brazil, unapproved, "DCR-3", claim("iss", "https://attacker.example")},
			{"BAD-152 inactive software", brazil, unapproved, "DCR-3", claim("software_status", "Inactive")},
			{"BAD-152 status in another case", brazil, unapproved, "DCR-3", claim("software_status", "active")},
			{"BAD-152 no status", brazil, unapproved, "DCR-3", noClaim("software_status")},
			{"BAD-152 UK: inactive organisation", uk, unapproved, "DCR-3", claim("org_status", "Revoked")},
			{"BAD-153 BR: 6 minutes old", brazil, invalid, "SSA-1", claim("iat", w.ago(6*time.Minute))},
			{"BAD-153 BR: without iat", brazil, invalid, "SSA-1", noClaim("iat")},
			{"BAD-153 issued a minute ahead", brazil, invalid, "SSA-1", claim("iat", w.ago(-time.Minute))},
			{"BAD-153 iat as text", brazil, invalid, "SSA-1", claim("iat", "now")},
			{"BAD-153 CDR: expired", cdr, invalid, "SSA-1", claim("exp", w.ago(time.Minute))},
			{"BAD-153 CDR: lives for 11 minutes", cdr, invalid, "SSA-1", claim("exp", w.ago(-11*time.Minute))},
			{"BAD-153 CDR: without exp", cdr, invalid, "SSA-1", noClaim("exp")},
			{"BAD-153 CDR: without jti", cdr, invalid, "SSA-1", noClaim("jti")},
			{"no software_id", brazil, invalid, "SSA-1", noClaim("software_id")},
			{"no org_id", brazil, invalid, "SSA-1", claim("org_id", "")},
			{"software_id a number", brazil, invalid, "SSA-1", claim("software_id", 7)},
			{"a required claim is empty", brazil, invalid, "SSA-1", claim("software_redirect_uris", []string{})},
			{"BAD-154 certificate of another software", brazil, invalid, "SSA-1", func(a *application) { a.chain = participant(a.claims, otherUID) }},
			{"BAD-154 certificate of another organisation", brazil, invalid, "SSA-1", claim("org_id", "org-2")},
			{"BAD-154 UK: certificate of another organisation", uk, invalid, "SSA-1", claim("org_id", "org-2")},
			{"BAD-150 certificate by another authority", brazil, oauth.CodeInvalidClient, "DCR-2", func(a *application) { a.chain = foreignCA.issue() }},
			{"BAD-150 certificate of oneself", brazil, oauth.CodeInvalidClient, "DCR-2", func(a *application) { a.chain = [][]byte{selfSigned()} }},
			{"BAD-150 no certificate", brazil, oauth.CodeInvalidClient, "DCR-2", func(a *application) { a.chain = nil }},
			{"BAD-155 redirect URI that is not in the statement", brazil, oauth.CodeInvalidRedirectURI, "SSA-1", member("redirect_uris", []string{"https://client.example/cb", "https://attacker.example/cb"})},
			{"BAD-155 UK: the same", uk, oauth.CodeInvalidRedirectURI, "SSA-1", member("redirect_uris", []string{"https://attacker.example/cb"})},
			{"BAD-155 in the statement, and on http", brazil, oauth.CodeInvalidRedirectURI, "SP2-28", func(a *application) {
				a.claims["software_redirect_uris"] = []string{"http://client.example/cb"}
				a.members["redirect_uris"] = a.claims["software_redirect_uris"]
			}},
			{"BAD-156 BR: keys by value", brazil, metadata, "SSA-1", member("jwks", keys())},
			{"BAD-157 BR: keys elsewhere than in the directory", brazil, metadata, "SSA-1", member("jwks_uri", "https://attacker.example/jwks")},
			{"BAD-157 the statement itself leads inside", brazil, metadata, "THR-3", claim("software_jwks_uri", "https://169.254.169.254/jwks")},
			{"BAD-159 method none", brazil, metadata, "SP2-6", member("token_endpoint_auth_method", "none")},
			{"BAD-161 scope above the role", brazil, metadata, "SSA-1", member("scope", "openid payments")},
			{"BAD-161 CDR: scope above the statement", cdr, metadata, "SSA-1", member("scope", "openid payments")},
			{"BAD-161 no role that opens anything", brazil, unapproved, "DCR-3", claim("software_roles", []string{"CCORR"})},
			{"roles a number", brazil, invalid, "SSA-1", claim("software_roles", 7)},
			{"CDR: metadata as JSON", cdr, metadata, "DCR-1", func(a *application) { a.body = nil }},
			{"BR: metadata as a JWT", brazil, metadata, "DCR-1", func(a *application) {
				a.body = func(members object) string { return forge(object{"alg": "ES256", "kid": "ec"}, members, es256(ecKey)) }
			}},
			{"BAD-169 aud of another server", cdr, metadata, "DCR-1", member("aud", "https://other.example")},
			{"BAD-169 no aud", cdr, metadata, "DCR-1", func(a *application) { delete(a.members, "aud") }},
			{"BAD-169 iss is not the software", cdr, metadata, "DCR-1", member("iss", "software-of-another")},
			{"BAD-169 expired", cdr, metadata, "DCR-1", member("exp", w.ago(time.Minute))},
			{"BAD-169 no exp", uk, metadata, "DCR-1", func(a *application) { delete(a.members, "exp") }},
			{"BAD-169 lives for an hour", cdr, metadata, "DCR-1", member("exp", w.ago(-time.Hour))},
			{"BAD-169 issued ahead", cdr, metadata, "DCR-1", member("iat", w.ago(-time.Hour))},
			{"BAD-169 no jti", cdr, metadata, "DCR-1", func(a *application) { delete(a.members, "jti") }},
			{"BAD-169 signed by a key that the statement does not name", cdr, metadata, "DCR-1", func(a *application) {
				a.body = func(members object) string {
					return forge(object{"alg": "ES256", "kid": "ec"}, members, es256(ecOther))
				}
			}},
			{"BAD-169 no JWT", cdr, metadata, "DCR-1", func(a *application) { a.body = func(object) string { return "x" } }},
		} {
			t.Run(row.name, func(t *testing.T) {
				_, err := service.apply(w.application(row.iss, host, row.change))
				status := 400
				if row.code == oauth.CodeInvalidClient || row.code == oauth.CodeInvalidToken {
					status = 401
				}
				wantRefusal(t, err, row.code, row.rule, status)
			})
		}
		for _, iss := range []string{brazil, cdr, uk} {
			if _, err := service.apply(w.application(iss, host)); err != nil {
				t.Errorf("%s unchanged: %v", iss, err)
			}
		}
	})
}

// TestStatementOnce is BAD-153 and BAD-162: what a framework lets come once.
func TestStatementOnce(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		one, two := w.replica(host.fetching(t)), w.replica(host.fetching(t))
		first := w.application(cdr, host)
		refused := first
		refused.members = object{}
		for name, value := range first.members {
			refused.members[name] = value
		}
		refused.members["token_endpoint_auth_method"] = "none"
		_, err := one.apply(refused)
		wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "SP2-6", 400)
		client, err := one.apply(first)
		if err != nil {
			t.Fatalf("what was refused for its metadata was used up: %v", err)
		}
		second := w.application(cdr, host, claim("jti", first.claims["jti"]))
		_, err = two.apply(second)
		wantRefusal(t, err, oauth.CodeInvalidStatement, "SSA-1", 400)
		sameBody := w.application(cdr, host, func(a *application) {
			a.claims["software_id"], a.members["iss"], a.members["jti"] = first.claims["software_id"], first.members["iss"], first.members["jti"]
		})
		_, err = two.apply(sameBody)
		wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "DCR-1", 400)

		same := func(a *application) {
			a.claims["software_id"], a.members["iss"] = first.claims["software_id"], first.members["iss"]
		}
		_, err = two.apply(w.application(cdr, host, same))
		wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "DCR-4", 400)
		if err := one.delete(client.RegistrationAccessToken, client.ClientID); err != nil {
			t.Fatal(err)
		}
		if _, err := two.apply(w.application(cdr, host, same)); err != nil {
			t.Errorf("software whose client was deleted: %v", err)
		}

		again := w.application(uk, host)
		for range 2 { // the UK has several clients of one software
			again.members["jti"] = oauth.NewID()
			if _, err := one.apply(again); err != nil {
				t.Errorf("UK: %v", err)
			}
		}
	})
}
