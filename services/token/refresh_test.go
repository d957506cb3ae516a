package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

func refreshParams(text string) map[string]string {
	return map[string]string{"grant_type": "refresh_token", "refresh_token": text}
}

// TestRefresh: the same refresh token again (SP2-9), a new access token bound to
// the certificate that comes now (MTLS-6), the same user and login (OIDC-6).
func TestRefresh(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		bought := s.tokens(t, "client-1", "openid", "accounts")
		s.clock.Advance(24 * time.Hour)
		form := s.form("client-1", "", refreshParams(bought.GetRefreshToken()))
		form.Credentials.Certificates = [][]byte{[]byte("a new certificate")}
		for range 2 {
			response, err := s.exchangeForm(t, s.bank, oauth.NewID(), form)
			if err != nil {
				t.Fatal(err)
			}
			if response.GetRefreshToken() != bought.GetRefreshToken() || response.GetScope() != "openid accounts" {
				t.Errorf("%v", response)
			}
			access := s.claims(t, response.GetAccessToken(), "at+jwt", jose.ES256)
			if cnf := access["cnf"].(map[string]any); cnf["x5t#S256"] != binding.Thumbprint([]byte("a new certificate")) {
				t.Errorf("it is bound to %v", cnf)
			}
			id := s.claims(t, response.GetIdToken(), "JWT", jose.ES256)
			if id["sub"] != "alice" || id["auth_time"] != float64(start.Unix()-60) || id["iat"] != float64(start.Add(24*time.Hour).Unix()) || id["nonce"] != nil {
				t.Errorf("%v", id)
			}
			if !s.active(t, response.GetAccessToken()) {
				t.Error("it is not active")
			}
		}
		if s.active(t, bought.GetAccessToken()) {
			t.Error("yesterday's access token is active")
		}
		if response := s.tokens(t, "client-3", "openid"); response.GetRefreshToken() != "" {
			t.Error("a client that does not refresh got a refresh token")
		}
	})
}

func TestRefreshScope(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		bought := s.tokens(t, "client-1", "openid", "accounts")
		for _, row := range []struct {
			name, scope, want string
		}{
			{"less", "accounts", "accounts"},
			{"all of it", "accounts openid", "accounts openid"},
			{"more (BAD-113)", "accounts payments", ""},
			{"malformed", "accounts  openid", ""},
			{"less did not narrow the grant", "openid", "openid"},
		} {
			params := refreshParams(bought.GetRefreshToken())
			params["scope"] = row.scope
			response, err := s.exchange(t, "client-1", params)
			if row.want == "" {
				wantRefused(t, err, oauth.CodeInvalidScope, "TOK-3")
				continue
			}
			if err != nil || response.GetScope() != row.want || (response.GetIdToken() != "") != strings.Contains(row.want, "openid") {
				t.Errorf("%s: %v, %v", row.name, response, err)
			}
		}
	})
}

func TestRefreshRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "openid")
		bought, err := s.exchange(t, "client-1", codeParams(code))
		if err != nil {
			t.Fatal(err)
		}
		text := bought.GetRefreshToken()
		for _, row := range []struct {
			name, client string
			params       map[string]string
			code, rule   string
		}{
			{"none", "client-1", map[string]string{"grant_type": "refresh_token"}, oauth.CodeInvalidRequest, "TOK-3"},
			{"an unknown one", "client-1", refreshParams("unknown"), oauth.CodeInvalidGrant, "TOK-3"},
			{"another client's", "client-2", refreshParams(text), oauth.CodeInvalidGrant, "TOK-3"},
			{"the access token", "client-1", refreshParams(bought.GetAccessToken()), oauth.CodeInvalidGrant, "TOK-3"},
			{"its hash, as it stands in the store", "client-1", refreshParams(oauth.Hash(text)), oauth.CodeInvalidGrant, "TOK-3"},
		} {
			t.Run(row.name, func(t *testing.T) {
				_, err := s.exchange(t, row.client, row.params)
				wantRefused(t, err, row.code, row.rule)
			})
		}
		form := s.form("client-1", "", refreshParams(text))
		form.Credentials.Certificates = nil
		_, err = s.exchangeForm(t, s.bank, oauth.NewID(), form)
		wantRefused(t, err, oauth.CodeInvalidRequest, "SP2-4") // BAD-112
		_, err = s.exchangeForm(t, s.other, oauth.NewID(), s.form("client-1", "", refreshParams(text)))
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-3") // BAD-38

		s.clock.Advance(90*24*time.Hour - time.Millisecond)
		if _, err := s.exchange(t, "client-1", refreshParams(text)); err != nil {
			t.Errorf("before its time: %v", err)
		}
		s.clock.Advance(time.Millisecond)
		_, err = s.exchange(t, "client-1", refreshParams(text))
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-3")
	})
}

// TestRefreshAfterWithdrawal is BAD-114: the grant's owner is asked each time.
func TestRefreshAfterWithdrawal(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code("client-1", "openid")
		bought, err := s.exchange(t, "client-1", codeParams(code))
		if err != nil {
			t.Fatal(err)
		}
		s.grants.withdraw("grant of " + code)
		_, err = s.exchange(t, "client-1", refreshParams(bought.GetRefreshToken()))
		wantRefused(t, err, oauth.CodeInvalidGrant, "")
	})
}
