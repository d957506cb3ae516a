package resource

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// wantDPoP also wants the one challenge of a token under DPoP.
func wantDPoP(t *testing.T, got reply, status int, code string) {
	t.Helper()
	wantReply(t, got, status, code)
	challenges := got.header.Values("WWW-Authenticate")
	if status == 200 || status >= 500 {
		return
	}
	if len(challenges) != 1 || !strings.HasPrefix(challenges[0], `DPoP error="`+code+`"`) || !strings.HasSuffix(challenges[0], `, algs="ES256 PS256 EdDSA"`) {
		t.Errorf("challenges are %q", challenges)
	}
}

// TestProofOfToken is RS2-5, DPOP-3, DPOP-4 and BAD-134 to BAD-141: a good token
// with a proof that has one thing changed.
func TestProofOfToken(t *testing.T) {
	b := newDPoPBank(t, Offline, nil)
	token, at := b.bound(nil), b.clock.Now().Unix()
	tests := []struct {
		name   string
		change map[string]any
		status int
	}{
		{"as it should be", nil, 200},
		{"unknown claims", map[string]any{"aud": "x"}, 200},
		{"a nonce that nobody demands", map[string]any{"nonce": "n"}, 200},
		{"BAD-134 no jti", map[string]any{"jti": nil}, 401},
		{"BAD-134 no iat", map[string]any{"iat": nil}, 401},
		{"BAD-135 htm of another method", map[string]any{"htm": "POST"}, 401},
		{"BAD-135 htm in lower case", map[string]any{"htm": "get"}, 401},
		{"BAD-136 htu of another path", map[string]any{"htu": accountsAPI + "/x"}, 401},
		{"DPOP-5 BAD-136 htu as in the Host header", map[string]any{"htu": b.api.URL + "/"}, 401},
		{"BAD-136 htu over http", map[string]any{"htu": "http://api.bank.example/"}, 401},
		{"BAD-137 htu with a query and a fragment", map[string]any{"htu": accountsAPI + "/?q#f"}, 200},
		{"BAD-137 htu in capitals with the port", map[string]any{"htu": "HTTPS://API.BANK.EXAMPLE:443/"}, 200},
		{"BAD-138 iat an hour ago", map[string]any{"iat": at - 3600}, 401},
		{"BAD-138 iat 61 s ago", map[string]any{"iat": at - 61}, 401},
		{"BAD-138 iat 60 s ago", map[string]any{"iat": at - 60}, 200},
		{"BAD-138 iat in 10 s", map[string]any{"iat": at + 10}, 200},
		{"BAD-138 iat in 30 s", map[string]any{"iat": at + 30}, 200},
		{"BAD-138 iat in 31 s", map[string]any{"iat": at + 31}, 401},
		{"BAD-138 iat in an hour", map[string]any{"iat": at + 3600}, 401},
		{"BAD-141 no ath", map[string]any{"ath": nil}, 401},
		{"BAD-141 ath of another token", map[string]any{"ath": oauth.Hash(token + "x")}, 401},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantDPoP(t, b.show(token, b.proof(token, test.change)), test.status, unlessGood(test.status, "invalid_dpop_proof"))
		})
	}
	if !strings.Contains(b.log.String(), "rule=DPOP-4") {
		t.Error("refusals are not in the log by their rule")
	}
	if strings.Contains(b.log.String(), token) {
		t.Error("a token is in the log")
	}
}

func unlessGood(status int, code string) string {
	if status == 200 {
		return ""
	}
	return code
}

// TestProofHeaders is DPOP-1 and BAD-130: exactly one header, one proof.
func TestProofHeaders(t *testing.T) {
	b := newDPoPBank(t, Offline, nil)
	token := b.bound(nil)
	one, other := b.proof(token, nil), b.proof(token, nil)
	for name, proofs := range map[string][]string{
		"none":                        nil,
		"BAD-130 two headers":         {one, other},
		"BAD-130 the same twice":      {one, one},
		"BAD-130 two in one header":   {one + ", " + other},
		"BAD-130 one empty besides":   {one, ""},
		"empty":                       {""},
		"BAD-131 an access token":     {token},
		"BAD-133 another's signature": {one[:strings.LastIndexByte(one, '.')] + other[strings.LastIndexByte(other, '.'):]},
	} {
		t.Run(name, func(t *testing.T) {
			wantDPoP(t, b.get("/", dpopHeader(token, proofs...)), 401, "invalid_dpop_proof")
		})
	}
	t.Run("BAD-141 scheme in lower case", func(t *testing.T) {
		wantReply(t, b.get("/", http.Header{"Authorization": {"dpop " + token}, "Dpop": {one}}), 200, "")
	})
}

// TestBoundTwice is RS2-5, DPOP-7, MTLS-5 and BAD-141: who may use which token,
// and under which scheme. The proof is always good in itself.
func TestBoundTwice(t *testing.T) {
	b := newDPoPBank(t, Offline, nil)
	certificate := b.claims(nil)["cnf"].(map[string]any)["x5t#S256"]
	key := jkt(t, b.key)
	byKey, byCertificate := b.bound(nil), b.token(nil)
	byBoth := b.bound(map[string]any{"cnf": map[string]any{"jkt": key, "x5t#S256": certificate}})
	unbound := b.bound(map[string]any{"cnf": nil})
	holder, nobody, other := []tls.Certificate{b.holder}, []tls.Certificate(nil), []tls.Certificate{newCertificate(t)}
	stolen := newECKey(t)
	tests := []struct {
		name         string
		scheme       string
		token        string
		certificates []tls.Certificate
		anotherKey   bool
		status       int
		schemes      []string // of the challenges
	}{
		{"by key", "DPoP", byKey, nobody, false, 200, nil},
		{"by key, with a certificate besides", "DPoP", byKey, holder, false, 200, nil},
		{"BAD-141 by key, another key", "DPoP", byKey, nobody, true, 401, []string{"DPoP"}},
		{"BAD-141 by key, under Bearer", "Bearer", byKey, nobody, false, 401, []string{"Bearer", "DPoP"}},
		{"by certificate", "Bearer", byCertificate, holder, false, 200, nil},
		{"BAD-144 by certificate, another", "Bearer", byCertificate, other, false, 401, []string{"Bearer"}},
		{"by certificate, under DPoP", "DPoP", byCertificate, holder, false, 401, []string{"Bearer", "DPoP"}},
		{"by both", "DPoP", byBoth, holder, false, 200, nil},
		{"by both, no certificate", "DPoP", byBoth, nobody, false, 401, []string{"DPoP"}},
		{"by both, another certificate", "DPoP", byBoth, other, false, 401, []string{"DPoP"}},
		{"by both, another key", "DPoP", byBoth, holder, true, 401, []string{"DPoP"}},
		{"by both, under Bearer", "Bearer", byBoth, holder, false, 401, []string{"Bearer", "DPoP"}},
		{"by nothing, under DPoP", "DPoP", unbound, nobody, false, 401, []string{"DPoP"}},
		{"by nothing, under Bearer", "Bearer", unbound, holder, false, 401, []string{"Bearer"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			signer := b.key
			if test.anotherKey {
				signer = stolen
			}
			header := http.Header{"Authorization": {test.scheme + " " + test.token}, "Dpop": {b.proofBy(signer, test.token, nil)}}
			got := b.get("/", header, test.certificates...)
			wantReply(t, got, test.status, unlessGood(test.status, "invalid_token"))
			wantSchemes(t, got, test.schemes)
		})
	}
}

func wantSchemes(t *testing.T, got reply, want []string) {
	t.Helper()
	var schemes []string
	for _, challenge := range got.header.Values("WWW-Authenticate") {
		scheme, _, _ := strings.Cut(challenge, " ")
		schemes = append(schemes, scheme)
	}
	if !slices.Equal(schemes, want) {
		t.Errorf("challenges are in %q, want %q", schemes, want)
	}
}

// TestReplayedProof is DPOP-4 and BAD-139.
func TestReplayedProof(t *testing.T) {
	b := newDPoPBank(t, Offline, nil)
	token := b.bound(map[string]any{"exp": b.clock.Now().Unix() + 3600})
	proof := b.proof(token, map[string]any{"jti": "j", "iat": b.clock.Now().Unix() + 30})
	wantDPoP(t, b.show(token, proof), 200, "")
	wantDPoP(t, b.show(token, proof), 401, "invalid_dpop_proof")
	wantDPoP(t, b.show(token, b.proof(token, map[string]any{"jti": "j"})), 401, "invalid_dpop_proof")
	b.clock.advance(90 * time.Second) // the last moment in which it is not too old
	wantDPoP(t, b.show(token, proof), 401, "invalid_dpop_proof")
	wantDPoP(t, b.show(token, b.proof(token, nil)), 200, "")
	if !strings.Contains(b.log.String(), "replayed") {
		t.Error("the log does not tell of a replay")
	}
}

// TestReplayAtTwoReplicas is BAD-139: replicas share what they remember.
func TestReplayAtTwoReplicas(t *testing.T) {
	shared := NewReplays(10, nil)
	share := func(_ *Config, deps *Deps) { deps.Replays = shared }
	b := newDPoPBank(t, Offline, nil, share)
	replica, err := New(b.verifier.config, Deps{HTTP: b.issuer.server.Client(), Clock: b.clock, Replays: shared, Log: b.verifier.log})
	if err != nil {
		t.Fatal(err)
	}
	token := b.bound(nil)
	header := dpopHeader(token, b.proof(token, nil))
	wantReply(t, b.get("/", header), 200, "")
	b.api.Config.Handler = replica.Require("accounts")(http.HandlerFunc(showToken))
	wantDPoP(t, b.get("/", header), 401, "invalid_dpop_proof")
}

// TestReplaysFull is BAD-146: new proofs are refused, old ones stay burnt.
func TestReplaysFull(t *testing.T) {
	b := newDPoPBank(t, Offline, nil, func(_ *Config, deps *Deps) { deps.Replays = NewReplays(2, deps.Clock) })
	token := b.bound(map[string]any{"exp": b.clock.Now().Unix() + 3600})
	old := b.proof(token, nil)
	wantDPoP(t, b.show(token, old), 200, "")
	wantDPoP(t, b.show(token, b.proof(token, nil)), 200, "")
	got := b.show(token, b.proof(token, nil))
	wantDPoP(t, got, 503, "temporarily_unavailable")
	if got.header.Get("Retry-After") == "" || got.header.Get("WWW-Authenticate") != "" {
		t.Errorf("headers are %v", got.header)
	}
	wantDPoP(t, b.show(token, old), 401, "invalid_dpop_proof")
	b.clock.advance(5 * time.Minute)
	wantDPoP(t, b.show(token, b.proof(token, nil)), 200, "")
}

// TestOnlyGoodTokensBurn is BAD-146: nobody fills the memory without a token
// that is theirs and stands, and a refusal leaves the proof as it was.
func TestOnlyGoodTokensBurn(t *testing.T) {
	b := newDPoPBank(t, Current, asResourceServer, func(_ *Config, deps *Deps) { deps.Replays = NewReplays(1, deps.Clock) })
	revoked := b.bound(map[string]any{"jti": "revoked"})
	expired := b.bound(map[string]any{"exp": 1})
	stolen := b.bound(map[string]any{"cnf": map[string]any{"jkt": jkt(t, newECKey(t))}})
	for _, token := range []string{revoked, expired, stolen} {
		wantDPoP(t, b.show(token, b.proof(token, nil)), 401, "invalid_token")
	}
	proof := b.proof(revoked, nil)
	wantDPoP(t, b.show(revoked, proof), 401, "invalid_token")
	b.issuer.answers[revoked] = map[string]any{"active": true}
	b.clock.advance(time.Second)
	wantDPoP(t, b.show(revoked, proof), 200, "")
}

// TestScopeUnderDPoP: the challenge is the scheme's, and the proof is burnt, for
// the scope is told only to its holder.
func TestScopeUnderDPoP(t *testing.T) {
	b := newDPoPBank(t, Offline, nil)
	token := b.bound(map[string]any{"scope": "openid"})
	proof := b.proof(token, nil)
	wantDPoP(t, b.show(token, proof), 403, "insufficient_scope")
	wantDPoP(t, b.show(token, proof), 401, "invalid_dpop_proof")
}

// TestOpaqueUnderDPoP is INTR-3 and DPOP-7 for a token that only the issuer
// knows.
func TestOpaqueUnderDPoP(t *testing.T) {
	b := newDPoPBank(t, Current, asResourceServer)
	bound := func(change map[string]any) map[string]any {
		answer := b.claims(map[string]any{"active": true, "token_type": "DPoP", "cnf": map[string]any{"jkt": jkt(t, b.key)}})
		for name, value := range change {
			answer[name] = value
		}
		return answer
	}
	b.issuer.answers["opaque-1"] = bound(nil)
	b.issuer.answers["opaque-2"] = bound(map[string]any{"token_type": "Bearer"})
	b.issuer.answers["opaque-3"] = bound(map[string]any{"cnf": map[string]any{"jkt": jkt(t, newECKey(t))}})
	proof := b.proof("opaque-1", nil)
	wantDPoP(t, b.show("opaque-1", proof), 200, "")
	wantDPoP(t, b.show("opaque-1", proof), 401, "invalid_dpop_proof")
	wantDPoP(t, b.show("opaque-1", b.proof("opaque-2", nil)), 401, "invalid_dpop_proof")
	got := b.show("opaque-2", b.proof("opaque-2", nil))
	wantReply(t, got, 401, "invalid_token")
	wantSchemes(t, got, []string{"Bearer", "DPoP"})
	wantDPoP(t, b.show("opaque-3", b.proof("opaque-3", nil)), 401, "invalid_token")
	got = b.get("/", bearer("opaque-1"))
	wantReply(t, got, 401, "invalid_token")
	wantSchemes(t, got, []string{"Bearer", "DPoP"})
}

// TestURLOfProof is DPOP-5: the configured URL and the path of the request.
func TestURLOfProof(t *testing.T) {
	tests := []struct{ name, base, method, path, htu string }{
		{"a path", accountsAPI, "GET", "/accounts/1", accountsAPI + "/accounts/1"},
		{"a query is left out", accountsAPI, "GET", "/accounts?from=1", accountsAPI + "/accounts"},
		{"POST", accountsAPI, "POST", "/payments", accountsAPI + "/payments"},
		{"base with a path", accountsAPI + "/v1/", "GET", "/accounts", accountsAPI + "/v1/accounts"},
		{"an escaped slash", accountsAPI, "GET", "/accounts/a%2Fb", accountsAPI + "/accounts/a%2Fb"},
		{"escaped letters", accountsAPI, "GET", "/%61ccounts", accountsAPI + "/accounts"},
		{"not ASCII", accountsAPI, "GET", "/caf%C3%A9", accountsAPI + "/caf%c3%a9"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newDPoPBank(t, Offline, nil, func(config *Config, _ *Deps) { config.BaseURL = test.base })
			token := b.bound(nil)
			good := b.proof(token, map[string]any{"htm": test.method, "htu": test.htu})
			wantDPoP(t, b.call(test.method, test.path, dpopHeader(token, good)), 200, "")
			bad := b.proof(token, map[string]any{"htm": test.method, "htu": test.htu + "/"})
			wantDPoP(t, b.call(test.method, test.path, dpopHeader(token, bad)), 401, "invalid_dpop_proof")
		})
	}
}

// TestChallengesOfBoth is RSE-1 and BAD-143 where both schemes are taken.
func TestChallengesOfBoth(t *testing.T) {
	b := newDPoPBank(t, Offline, nil)
	token := b.bound(nil)
	proof := b.proof(token, nil)
	tests := []struct {
		name          string
		path          string
		authorization []string
		status        int
		code          string
		challenges    []string
	}{
		{"RSE-1 no token", "/", nil, 401, "",
			[]string{`Bearer realm="` + accountsAPI + `"`, `DPoP algs="ES256 PS256 EdDSA"`}},
		{"BAD-143 both schemes", "/", []string{"Bearer " + token, "DPoP " + token}, 400, "invalid_request",
			[]string{`Bearer error="invalid_request", error_description="more than one Authorization header"`,
				`DPoP error="invalid_request", error_description="more than one Authorization header", algs="ES256 PS256 EdDSA"`}},
		{"BAD-143 in the query too", "/?access_token=" + token, []string{"DPoP " + token}, 400, "invalid_request",
			[]string{`Bearer error="invalid_request", error_description="an access token must not be in the query"`,
				`DPoP error="invalid_request", error_description="an access token must not be in the query", algs="ES256 PS256 EdDSA"`}},
		{"scheme alone", "/", []string{"DPoP"}, 400, "invalid_request",
			[]string{`DPoP error="invalid_request", error_description="the Authorization header holds no single access token", algs="ES256 PS256 EdDSA"`}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{"Dpop": {proof}}
			if test.authorization != nil {
				header["Authorization"] = test.authorization
			}
			got := b.get(test.path, header)
			wantReply(t, got, test.status, test.code)
			if challenges := got.header.Values("WWW-Authenticate"); !slices.Equal(challenges, test.challenges) {
				t.Errorf("challenges are %q", challenges)
			}
		})
	}
}
