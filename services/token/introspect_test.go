package token_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

const inactive = `{"active":false}`

// TestIntrospectCaller is INTR-1 and BAD-170: no credentials are 400, wrong ones
// 401.
func TestIntrospectCaller(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		text := s.tokens(t, "client-1", "accounts").GetAccessToken()
		for _, row := range []struct {
			name        string
			credentials *rpcv1.Credentials
			status      int
		}{
			{"nothing at all", nil, 400},
			{"empty ones", &rpcv1.Credentials{}, 400},
			{"a client_id alone", &rpcv1.Credentials{ClientId: "rs-1"}, 400},
			{"a wrong assertion", &rpcv1.Credentials{ClientId: "rs-1", ClientAssertion: "guess"}, 401},
			{"an unknown caller", &rpcv1.Credentials{ClientId: "rs-9", ClientAssertion: "proof"}, 401},
			{"a bearer token", &rpcv1.Credentials{AuthorizationPresent: true}, 401},
			{"a client_secret", &rpcv1.Credentials{ClientId: "rs-1", ClientSecretPresent: true}, 401},
		} {
			t.Run(row.name, func(t *testing.T) {
				response, err := s.client.Introspect(bounded(t), &tokenv1.IntrospectRequest{
					Call: s.call(t, s.bank, oauth.NewID()), Form: &rpcv1.Form{Credentials: row.credentials, Params: map[string]string{"token": text}},
				})
				if refusal := wantRefused(t, err, oauth.CodeInvalidClient, ""); refusal.HTTPStatus() != row.status {
					t.Errorf("the status is %d, want %d", refusal.HTTPStatus(), row.status)
				}
				if len(response.GetIntrospection()) != 0 {
					t.Errorf("answered %s", response.GetIntrospection())
				}
			})
		}
		_, err := s.introspect(t, s.bank, "rs-1", "")
		wantRefused(t, err, oauth.CodeInvalidRequest, "INTR-1")
	})
}

// TestIntrospectActive is INTR-3.
func TestIntrospectActive(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response := s.tokens(t, "client-1", "openid", "accounts")
		for _, caller := range []string{"rs-1", "client-1"} { // the resource server that it is meant for; the client itself
			answer, err := s.introspect(t, s.bank, caller, response.GetAccessToken())
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := json.Unmarshal([]byte(answer), &got); err != nil {
				t.Fatal(err)
			}
			if id, _ := got["jti"].(string); id == "" {
				t.Error("jti is missing")
			}
			delete(got, "jti")
			want := map[string]any{
				"active": true, "iss": "https://as.example/" + s.bank, "sub": "alice", "aud": resource, "client_id": "client-1", "scope": "openid accounts",
				"token_type": "Bearer", "iat": float64(start.Unix()), "exp": float64(start.Unix() + 300),
				"cnf": map[string]any{"x5t#S256": binding.Thumbprint(certificate)}, "auth_time": float64(start.Unix() - 60), "acr": "sca",
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s is told %v, want %v", caller, got, want)
			}
		}
	})
}

// TestIntrospectInactive is INTR-2 and BAD-170: one answer for whatever is not
// the caller's to know, and nothing beside it.
func TestIntrospectInactive(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response := s.tokens(t, "client-1", "openid", "accounts")
		good := response.GetAccessToken()
		for _, row := range []struct{ name, issuer, caller, token string }{
			{"another resource's server", s.bank, "rs-2", good},
			{"another client", s.bank, "client-2", good},
			{"another issuer (BAD-38)", s.other, "rs-1", good},
			{"an id_token (THR-13)", s.bank, "rs-1", response.GetIdToken()},
			{"an access token's claims under another typ (THR-13)", s.bank, "rs-1", s.retyped(t, good)},
			{"no token", s.bank, "rs-1", "nonsense"},
			{"a signature cut short", s.bank, "rs-1", good[:len(good)-4]},
			{"a token with something behind", s.bank, "rs-1", good + "x"},
		} {
			t.Run(row.name, func(t *testing.T) {
				if got, err := s.introspect(t, row.issuer, row.caller, row.token); err != nil || got != inactive {
					t.Errorf("%s, %v", got, err)
				}
			})
		}
		if !s.active(t, good) {
			t.Error("the token itself is not active")
		}
	})
}

// retyped is an access token signed anew as if it were an id_token.
func (s *suite) retyped(t *testing.T, text string) string {
	t.Helper()
	signed, err := jose.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	compact, err := jose.Sign(jose.ES256, signed.Header.KeyID, "JWT", signed.Payload(), s.signer.keys[jose.ES256])
	if err != nil {
		t.Fatal(err)
	}
	return compact
}

// TestTokensEnd: by time, by the grant, by the client; each owner is asked.
func TestTokensEnd(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "accounts")
		bought, err := s.exchange(t, "client-1", codeParams(code))
		if err != nil {
			t.Fatal(err)
		}
		other := s.tokens(t, "client-2", "accounts")
		s.clock.Advance(300*time.Second - time.Millisecond)
		if !s.active(t, bought.GetAccessToken()) {
			t.Error("dead before its time")
		}
		s.grants.withdraw("grant of " + code)
		if s.active(t, bought.GetAccessToken()) {
			t.Error("it outlives its grant")
		}
		if !s.active(t, other.GetAccessToken()) {
			t.Error("another grant's token died")
		}
		s.registry.remove("client-2")
		if s.active(t, other.GetAccessToken()) {
			t.Error("it outlives its client")
		}
		late := s.tokens(t, "client-1", "accounts")
		s.clock.Advance(300 * time.Second)
		if s.active(t, late.GetAccessToken()) {
			t.Error("it outlives its time")
		}
	})
}

// TestIntrospectFailsClosed: who cannot be asked has not said no, and not yes.
func TestIntrospectFailsClosed(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		text := s.tokens(t, "client-1", "accounts").GetAccessToken()
		s.registry.setDown(true)
		answer, err := s.introspect(t, s.bank, "rs-1", text)
		if refusal := wantRefused(t, err, oauth.CodeTemporarilyUnavailable, ""); refusal.HTTPStatus() != 503 || answer != "" {
			t.Errorf("%s, %v", answer, refusal)
		}
	})
}

// TestRevoke is RFC 7009, REV-1 and REV-2.
func TestRevoke(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		revoke := func(client, text string) error {
			_, err := s.client.Revoke(bounded(t), &tokenv1.RevokeRequest{
				Call: s.call(t, s.bank, oauth.NewID()), Form: s.form(client, "", map[string]string{"token": text}),
			})
			return err
		}
		bought := s.tokens(t, "client-1", "accounts")
		refreshed, err := s.exchange(t, "client-1", refreshParams(bought.GetRefreshToken()))
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{bought.GetAccessToken(), bought.GetRefreshToken()} {
			wantRefused(t, revoke("client-2", text), oauth.CodeInvalidGrant, "REV-1")
		}
		wantRefused(t, revoke("client-1", ""), oauth.CodeInvalidRequest, "REV-1")
		wantRefused(t, revoke("nobody", bought.GetAccessToken()), oauth.CodeInvalidClient, "CA-1")
		if !s.active(t, bought.GetAccessToken()) {
			t.Error("a refused revocation ended the token")
		}
		for range 2 { // the second time it is dead already
			if err := revoke("client-1", bought.GetAccessToken()); err != nil {
				t.Fatal(err)
			}
		}
		if s.active(t, bought.GetAccessToken()) || !s.active(t, refreshed.GetAccessToken()) {
			t.Error("one access token was to end, and no other")
		}
		for range 2 {
			if err := revoke("client-1", bought.GetRefreshToken()); err != nil {
				t.Fatal(err)
			}
		}
		if s.active(t, refreshed.GetAccessToken()) {
			t.Error("an access token outlives its refresh token (REV-2)")
		}
		_, err = s.exchange(t, "client-1", refreshParams(bought.GetRefreshToken()))
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-3")
		if err := revoke("client-1", "nonsense"); err != nil {
			t.Errorf("an unknown token: %v", err)
		}
	})
}
