package token_test

import (
	"crypto/sha256"
	"crypto/sha512"
	"database/sql"
	"encoding/base64"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/token"
	"github.com/strongroom-fapi/strongroom/services/token/internal/store"
)

// TestAccessToken is RFC 9068 §2.2 with the cnf of RFC 8705 §3.1.
func TestAccessToken(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response := s.tokens(t, "client-1", "openid", "accounts")
		if response.GetTokenType() != "Bearer" || response.GetExpiresIn() != 300 || response.GetScope() != "openid accounts" {
			t.Errorf("%v", response)
		}
		claims := s.claims(t, response.GetAccessToken(), "at+jwt", jose.ES256)
		id, _ := claims["jti"].(string)
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{22}$`).MatchString(id) {
			t.Errorf("jti is %q", id)
		}
		delete(claims, "jti")
		want := map[string]any{
			"iss": "https://as.example/" + s.bank, "sub": "alice", "aud": resource, "client_id": "client-1", "scope": "openid accounts",
			"iat": float64(start.Unix()), "exp": float64(start.Unix() + 300), "cnf": map[string]any{"x5t#S256": binding.Thumbprint(certificate)},
			"auth_time": float64(start.Unix() - 60), "acr": "sca",
		}
		if !reflect.DeepEqual(claims, want) {
			t.Errorf("got %v, want %v", claims, want)
		}
	})
}

// TestIDToken is OIDC-1.
func TestIDToken(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response := s.tokens(t, "client-1", "openid")
		claims := s.claims(t, response.GetIdToken(), "JWT", jose.ES256)
		sum := sha256.Sum256([]byte(response.GetAccessToken()))
		want := map[string]any{
			"iss": "https://as.example/" + s.bank, "sub": "alice", "aud": "client-1", "iat": float64(start.Unix()), "exp": float64(start.Unix() + 300),
			"auth_time": float64(start.Unix() - 60), "nonce": "n-1", "acr": "sca", "amr": []any{"pwd", "otp"},
			"at_hash": base64.RawURLEncoding.EncodeToString(sum[:16]),
		}
		if !reflect.DeepEqual(claims, want) {
			t.Errorf("got %v, want %v", claims, want)
		}
		if response := s.tokens(t, "client-1", "accounts"); response.GetIdToken() != "" {
			t.Error("an id_token came without openid")
		}
	})
}

// TestIDTokenWithoutWishes: what was not asked for is absent, never empty.
func TestIDTokenWithoutWishes(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "openid")
		s.grants.codes[code].Nonce, s.grants.codes[code].Acr, s.grants.codes[code].Amr = "", "", nil
		response, err := s.exchange(t, "client-1", codeParams(code))
		if err != nil {
			t.Fatal(err)
		}
		claims := s.claims(t, response.GetIdToken(), "JWT", jose.ES256)
		if got := names(claims); !reflect.DeepEqual(got, []string{"at_hash", "aud", "auth_time", "exp", "iat", "iss", "sub"}) {
			t.Errorf("the claims are %v", got)
		}
	})
}

// TestTokenHashOfEdDSA: at_hash uses the hash of the id_token's own signature,
// which for Ed25519 is SHA-512 (OpenID Connect Core §3.1.3.6, RFC 8032 §5.1).
func TestTokenHashOfEdDSA(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response := s.tokens(t, "client-4", "openid")
		sum := sha512.Sum512([]byte(response.GetAccessToken()))
		claims := s.claims(t, response.GetIdToken(), "JWT", jose.EdDSA)
		if want := base64.RawURLEncoding.EncodeToString(sum[:32]); claims["at_hash"] != want {
			t.Errorf("at_hash is %v, want %s", claims["at_hash"], want)
		}
	})
}

// TestRedeemIsAsked: what decides about a code is asked as it was brought.
func TestRedeemIsAsked(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		s.tokens(t, "client-1", "openid")
		asked := s.grants.asked()
		if asked.GetClientId() != "client-1" || asked.GetRedirectUri() != "https://good.example/cb" || asked.GetCodeVerifier() != "v" || asked.GetDpopJkt() != "" {
			t.Errorf("%v", asked)
		}
	})
}

// TestExchangeRefuses: in the order of TOK-1, and spending nothing.
func TestExchangeRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "openid")
		for _, row := range []struct {
			name       string
			client     string
			credential string
			params     map[string]string
			bare       bool // no certificate
			code, rule string
		}{
			{"wrong credentials", "client-1", "guess", codeParams(code), false, oauth.CodeInvalidClient, "CA-1"},
			{"wrong credentials and no grant_type: the client first", "client-1", "guess", nil, false, oauth.CodeInvalidClient, "CA-1"},
			{"no grant_type", "client-1", "proof", map[string]string{"code": code}, false, oauth.CodeInvalidRequest, "TOK-1"},
			{"password (SP2-2)", "client-1", "proof", map[string]string{"grant_type": "password"}, false, oauth.CodeUnsupportedGrantType, "SP2-2"},
			{"token exchange (BAD-120)", "client-1", "proof", map[string]string{"grant_type": "urn:ietf:params:oauth:grant-type:token-exchange"}, false, oauth.CodeUnsupportedGrantType, "SP2-2"},
			{"a grant type that the client did not register", "client-3", "proof", map[string]string{"grant_type": "client_credentials"}, false, oauth.CodeUnauthorizedClient, "TOK-1"},
			{"nothing to bind to (BAD-109)", "client-1", "proof", codeParams(code), true, oauth.CodeInvalidRequest, "SP2-4"},
			{"no code", "client-1", "proof", map[string]string{"grant_type": "authorization_code"}, false, oauth.CodeInvalidRequest, "TOK-2"},
			{"an unknown code", "client-1", "proof", codeParams("unknown"), false, oauth.CodeInvalidGrant, "TOK-2"},
			{"another client's code (BAD-103)", "client-2", "proof", codeParams(code), false, oauth.CodeInvalidGrant, "TOK-2"},
			{"resource", "client-1", "proof", map[string]string{"grant_type": "authorization_code", "code": code, "resource": "https://x.example/"}, false, oauth.CodeInvalidTarget, "RES-1"},
		} {
			t.Run(row.name, func(t *testing.T) {
				form := s.form(row.client, "https://as.example/"+s.bank+"/token", row.params)
				form.Credentials.ClientAssertion = row.credential
				if row.bare {
					form.Credentials.Certificates = nil
				}
				response, err := s.exchangeForm(t, s.bank, oauth.NewID(), form)
				wantRefused(t, err, row.code, row.rule)
				if response.GetAccessToken() != "" {
					t.Error("a token came with it")
				}
			})
		}
		if _, err := s.exchange(t, "client-1", codeParams(code)); err != nil {
			t.Errorf("the code was spent: %v", err)
		}
	})
}

// TestReplayRevokes is BAD-100 and SP2-29: everything that a replayed code
// bought is dead, and what other codes bought is not.
func TestReplayRevokes(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "openid", "accounts")
		bought, err := s.exchange(t, "client-1", codeParams(code))
		if err != nil {
			t.Fatal(err)
		}
		refreshed, err := s.exchange(t, "client-1", refreshParams(bought.GetRefreshToken()))
		if err != nil {
			t.Fatal(err)
		}
		bystander := s.tokens(t, "client-1", "accounts")

		_, err = s.exchange(t, "client-1", codeParams(code))
		wantRefused(t, err, oauth.CodeInvalidGrant, "SP2-29")
		for name, text := range map[string]string{"the first token": bought.GetAccessToken(), "a refreshed one": refreshed.GetAccessToken()} {
			if s.active(t, text) {
				t.Errorf("%s lives", name)
			}
		}
		_, err = s.exchange(t, "client-1", refreshParams(bought.GetRefreshToken()))
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-3")
		if !s.active(t, bystander.GetAccessToken()) {
			t.Error("another code's token died")
		}
	})
}

// TestReplayAfterRedisForgot: the row in SQL decides, whatever authorize says.
func TestReplayAfterRedisForgot(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "openid")
		bought, err := s.exchange(t, "client-1", codeParams(code))
		if err != nil {
			t.Fatal(err)
		}
		s.grants.forget()
		_, err = s.exchange(t, "client-1", codeParams(code))
		wantRefused(t, err, oauth.CodeInvalidGrant, "SP2-29")
		if s.active(t, bought.GetAccessToken()) {
			t.Error("what it bought lives")
		}
	})
}

// TestRowStaysForItsCode: what a code bought is swept no earlier than the code ends, by
// the clock of whichever replica, also where tokens live for a shorter time than codes.
func TestRowStaysForItsCode(t *testing.T) {
	lifetimes := issuer.Lifetimes{Code: time.Minute, AccessToken: 30 * time.Second}
	storetest.Each(t, token.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, token.Config{}, client, db, func(bank *issuer.Issuer) { bank.Lifetimes = lifetimes })
		code := s.code("client-3", "openid")
		if _, err := s.exchange(t, "client-3", codeParams(code)); err != nil {
			t.Fatal(err)
		}
		s.grants.forget()
		s.clock.Advance(lifetimes.Code - time.Millisecond)
		if _, err := store.NewAuthorizations(db).Sweep(t.Context(), s.clock.Now().Add(redisconn.ClocksApart), 10); err != nil {
			t.Fatal(err)
		}
		_, err := s.exchange(t, "client-3", codeParams(code))
		wantRefused(t, err, oauth.CodeInvalidGrant, "SP2-29")
	})
}

// TestLostReply: the same attempt gets its tokens again, and nothing dies.
func TestLostReply(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		form := s.form("client-1", "", codeParams(s.code("client-1", "openid")))
		lost, err := s.exchangeForm(t, s.bank, "attempt-1", form)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.exchangeForm(t, s.bank, "attempt-1", form)
		if err != nil {
			t.Fatal(err)
		}
		if !s.active(t, lost.GetAccessToken()) || !s.active(t, again.GetAccessToken()) {
			t.Error("an access token died")
		}
		if _, err := s.exchange(t, "client-1", refreshParams(again.GetRefreshToken())); err != nil {
			t.Errorf("the refresh token that arrived: %v", err)
		}
	})
}

// TestClientCredentials is TOK-4 and BAD-116.
func TestClientCredentials(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		for _, row := range []struct {
			name  string
			scope string
			want  string // granted; empty where it is refused
		}{
			{"no scope: all but openid", "", "accounts"},
			{"one that is registered", "accounts", "accounts"},
			{"openid (BAD-116)", "openid", ""},
			{"openid beside another (BAD-116)", "accounts openid", ""},
			{"one that is not registered (BAD-116)", "payments", ""},
			{"one that is unknown", "admin", ""},
			{"malformed", `acc"ounts`, ""},
		} {
			t.Run(row.name, func(t *testing.T) {
				params := map[string]string{"grant_type": "client_credentials"}
				if row.scope != "" {
					params["scope"] = row.scope
				}
				response, err := s.exchange(t, "client-1", params)
				if row.want == "" {
					wantRefused(t, err, oauth.CodeInvalidScope, "TOK-4")
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if response.GetScope() != row.want || response.GetRefreshToken() != "" || response.GetIdToken() != "" {
					t.Errorf("%v", response)
				}
				claims := s.claims(t, response.GetAccessToken(), "at+jwt", jose.ES256)
				if claims["sub"] != "client-1" || claims["client_id"] != "client-1" || claims["auth_time"] != nil || strings.Contains(claims["jti"].(string), ".") {
					t.Errorf("%v", claims)
				}
				if !s.active(t, response.GetAccessToken()) {
					t.Error("it is not active")
				}
			})
		}
	})
}

// TestTooManyRequests: a client meets its limit before it spends anything, and
// others do not feel it.
func TestTooManyRequests(t *testing.T) {
	storetest.Each(t, token.Migrations, func(t *testing.T, client *redisconn.Client, db *sql.DB) {
		s := newSuite(t, token.Config{RequestsPerMinute: new(2)}, client, db)
		code := s.code("client-1", "accounts")
		for range 2 {
			s.tokens(t, "client-1", "accounts")
		}
		_, err := s.exchange(t, "client-1", codeParams(code))
		if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 429 || refusal.RetryAfter <= 0 {
			t.Errorf("%v", err)
		}
		s.tokens(t, "client-2", "accounts")
		s.clock.Advance(time.Minute)
		if _, err := s.exchange(t, "client-1", codeParams(code)); err != nil {
			t.Errorf("a minute later: %v", err)
		}
	})
}
