package resource

import (
	"testing"
	"time"
)

// TestJWTIntrospected is RS2-3, INTR-2 and INTR-3 for a JWT that is good by
// itself: what the issuer's answer does to it.
func TestJWTIntrospected(t *testing.T) {
	tests := []struct {
		name   string
		answer map[string]any // null: the issuer does not know the token
		status int
		code   string
	}{
		{"active", map[string]any{"active": true}, 200, ""},
		{"INTR-2 inactive", map[string]any{"active": false}, 401, "invalid_token"},
		{"INTR-2 unknown", nil, 401, "invalid_token"},
		{"no active member", map[string]any{"scope": "accounts"}, 401, "invalid_token"},
		{"active is text", map[string]any{"active": "true"}, 503, "temporarily_unavailable"},
		{"INTR-3 scope narrowed, still enough", map[string]any{"active": true, "scope": "accounts"}, 200, ""},
		{"INTR-3 scope narrowed below", map[string]any{"active": true, "scope": "openid"}, 403, "insufficient_scope"},
		{"for another resource", map[string]any{"active": true, "aud": "https://other.example"}, 401, "invalid_token"},
		{"of another issuer", map[string]any{"active": true, "iss": "https://cuckoo.example"}, 401, "invalid_token"},
		{"of another client", map[string]any{"active": true, "client_id": "client-2"}, 401, "invalid_token"},
		{"of another token", map[string]any{"active": true, "jti": "t-2"}, 401, "invalid_token"},
		{"bound to another key", map[string]any{"active": true, "cnf": map[string]any{"jkt": "x"}}, 401, "invalid_token"},
		{"expired", map[string]any{"active": true, "exp": 1}, 401, "invalid_token"},
		{"another sub, as for a pairwise one", map[string]any{"active": true, "sub": "pairwise"}, 200, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBank(t, Current, asResourceServer)
			token := b.token(nil)
			if test.answer != nil {
				b.issuer.answers[token] = test.answer
			}
			wantReply(t, b.present(token), test.status, test.code)
			wantFetched(t, b.issuer, "/introspect", 1)
		})
	}
}

// TestAnswerCannotWiden: what the issuer signed is the most a JWT can have.
func TestAnswerCannotWiden(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	token := b.token(map[string]any{"scope": "openid"})
	b.issuer.answers[token] = map[string]any{"active": true, "scope": "openid accounts"}
	wantReply(t, b.present(token), 403, "insufficient_scope")
}

func TestNarrowedDetailsAreHandedOn(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	token := b.token(map[string]any{"authorization_details": []any{"all"}})
	b.issuer.answers[token] = map[string]any{"active": true, "scope": "accounts", "authorization_details": []any{"ours"}}
	got := b.present(token)
	if got := asJSON(t, got.body["AuthorizationDetails"]); got != `["ours"]` {
		t.Errorf("authorization_details are %s", got)
	}
	if got := asJSON(t, got.body["Scopes"]); got != `["accounts"]` {
		t.Errorf("scopes are %s", got)
	}
}

// TestOpaque is INTR-3: everything is taken from the answer, and held to the
// same rules. The changes are to a good answer.
func TestOpaque(t *testing.T) {
	tests := []struct {
		name   string
		change map[string]any
		status int
		code   string
	}{
		{"as it should be", nil, 200, ""},
		{"iss is optional", map[string]any{"iss": nil}, 200, ""},
		{"sub and jti are optional", map[string]any{"sub": nil, "jti": nil}, 200, ""},
		{"token_type in another case", map[string]any{"token_type": "bearer"}, 200, ""},
		{"inactive", map[string]any{"active": false}, 401, "invalid_token"},
		{"no token_type, as for a refresh token", map[string]any{"token_type": nil}, 401, "invalid_token"},
		{"token_type of another scheme", map[string]any{"token_type": "DPoP"}, 401, "invalid_token"},
		{"of another issuer", map[string]any{"iss": "https://cuckoo.example"}, 401, "invalid_token"},
		{"for another resource", map[string]any{"aud": "https://other.example"}, 401, "invalid_token"},
		{"no aud", map[string]any{"aud": nil}, 401, "invalid_token"},
		{"no client_id", map[string]any{"client_id": nil}, 401, "invalid_token"},
		{"no exp", map[string]any{"exp": nil}, 401, "invalid_token"},
		{"expired", map[string]any{"exp": 1}, 401, "invalid_token"},
		{"no cnf", map[string]any{"cnf": nil}, 401, "invalid_token"},
		{"bound to another certificate", map[string]any{"cnf": map[string]any{"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"}}, 401, "invalid_token"},
		{"too little scope", map[string]any{"scope": "openid"}, 403, "insufficient_scope"},
		{"exp is text", map[string]any{"exp": "soon"}, 503, "temporarily_unavailable"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			b := newBank(t, Current, asResourceServer)
			answer := b.claims(map[string]any{"active": true, "token_type": "Bearer"})
			for name, value := range test.change {
				if answer[name] = value; value == nil {
					delete(answer, name)
				}
			}
			b.issuer.answers["opaque-1"] = answer
			wantReply(t, b.present("opaque-1"), test.status, test.code)
		})
	}
}

// TestNoAnswer: while the issuer cannot be asked, nothing passes (RS2-3).
func TestNoAnswer(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	token := b.token(nil)
	b.issuer.answers[token] = map[string]any{"active": true}
	wantReply(t, b.present(token), 200, "")
	b.issuer.change(func() { b.issuer.down = true })
	b.clock.advance(time.Second)
	got := b.present(token)
	wantReply(t, got, 503, "temporarily_unavailable")
	if got.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
	}
	b.issuer.change(func() { b.issuer.down = false })
	wantReply(t, b.present(token), 200, "") // a failure is not kept
}

// TestForgedTokensAreNotIntrospected: only what is good by itself and in the
// right hands is worth a question.
func TestForgedTokensAreNotIntrospected(t *testing.T) {
	b := newBank(t, Current, asResourceServer)
	forged := signJWT(t, "at+jwt", b.issuer.keyID, b.claims(nil), newECKey(t))
	wantReply(t, b.present(forged), 401, "invalid_token")
	wantReply(t, b.get("/", bearer(b.token(nil)), newCertificate(t)), 401, "invalid_token")
	wantFetched(t, b.issuer, "/introspect", 0)
}
