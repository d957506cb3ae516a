package authorize_test

import (
	"crypto"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestBegin: the browser is sent to the bank's page with one half of the secret,
// and keeps the other in a cookie.
func TestBegin(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		uri := s.push(nil)
		names, values := map[string]bool{}, map[string]bool{}
		for range 2 { // BAD-73: loading the page twice works; BAD-88: each time with a fresh cookie
			reply, err := s.beginWith(t, s.bank, map[string]string{"client_id": "client-1", "request_uri": uri, "scope": "ignored (AZ-4)"})
			if err != nil {
				t.Fatal(err)
			}
			params := query(t, reply.GetLocation())
			if !strings.HasPrefix(reply.GetLocation(), "https://bank.example/login?") || params.Get("issuer") != s.bank || len(params) != 2 {
				t.Errorf("it is sent to %s", reply.GetLocation())
			}
			if len(reply.GetSetCookies()) != 1 {
				t.Fatalf("%d cookies", len(reply.GetSetCookies()))
			}
			cookie := reply.GetSetCookies()[0]
			if !regexp.MustCompile(`^__Host-strongroom-[A-Za-z0-9_-]+$`).MatchString(cookie.GetName()) || len(cookie.GetValue()) != 43 || cookie.GetMaxAge() != 600 {
				t.Errorf("the cookie is %v", cookie)
			}
			if strings.Contains(reply.GetLocation(), cookie.GetValue()) || strings.Contains(params.Get("ticket"), strings.TrimPrefix(cookie.GetName(), "__Host-strongroom-")) {
				t.Error("the URL tells the cookie (BAD-99)")
			}
			names[cookie.GetName()], values[cookie.GetValue()] = true, true
		}
		if len(names) != 2 || len(values) != 2 {
			t.Errorf("two tabs share a cookie (BAD-89): %v", names)
		}
	})
}

// TestBeginRefuses: nothing has proved a redirect_uri yet, so all of these
// become pages.
func TestBeginRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		uri := s.push(nil)
		foreign := s.push(map[string]string{"redirect_uri": "https://old.example/cb"})
		for _, row := range []struct {
			name, issuer string
			params       map[string]string
			code, rule   string
		}{
			{"no client_id", s.bank, map[string]string{"request_uri": uri}, oauth.CodeInvalidRequest, "AZ-1"},
			{"an unknown client", s.bank, map[string]string{"client_id": "client-9", "request_uri": uri}, oauth.CodeInvalidRequest, "AZ-1"},
			{"no pushed request", s.bank, map[string]string{"client_id": "client-1", "response_type": "code"}, oauth.CodeInvalidRequest, "SP2-23"},
			{"a request_uri somewhere", s.bank, map[string]string{"client_id": "client-1", "request_uri": "https://good.example/r"}, oauth.CodeInvalidRequestURI, "JAR-5"},
			{"an unknown request_uri (BAD-72)", s.bank, map[string]string{"client_id": "client-1", "request_uri": uri + "x"}, oauth.CodeInvalidRequestURI, "PAR-5"},
			{"another client's (BAD-71)", s.bank, map[string]string{"client_id": "client-2", "request_uri": uri}, oauth.CodeInvalidRequestURI, "PAR-5"},
			{"another issuer's (BAD-38)", s.other, map[string]string{"client_id": "client-1", "request_uri": uri}, oauth.CodeInvalidRequestURI, "PAR-5"},
			{"a redirect_uri that is no longer registered", s.bank, map[string]string{"client_id": "client-1", "request_uri": foreign}, oauth.CodeInvalidRequest, "PAR-5"},
		} {
			t.Run(row.name, func(t *testing.T) {
				reply, err := s.beginWith(t, row.issuer, row.params)
				wantRefused(t, err, row.code, row.rule)
				if reply.GetLocation() != "" || len(reply.GetSetCookies()) != 0 {
					t.Errorf("the browser is sent to %v", reply)
				}
			})
		}
	})
}

// TestHint: an id_token_hint names the user, whether or not it has expired
// (OIDC-2); what is no id_token of this issuer for this client is refused at the
// client.
func TestHint(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		sound := map[string]any{"iss": "https://as.example/" + s.bank, "sub": "alice", "aud": "client-1",
			"iat": start.Add(-2 * time.Hour).Unix(), "exp": start.Add(-time.Hour).Unix()}
		sign := func(typ string, change map[string]any, key crypto.Signer) string {
			claims := map[string]any{}
			for _, of := range []map[string]any{sound, change} {
				for name, value := range of {
					claims[name] = value
				}
			}
			payload, err := json.Marshal(claims)
			if err != nil {
				t.Fatal(err)
			}
			compact, err := jose.Sign(jose.ES256, "kid-1", typ, payload, key)
			if err != nil {
				t.Fatal(err)
			}
			return compact
		}
		for _, row := range []struct {
			name string
			hint string
			ok   bool
		}{
			{"an id_token that has expired", sign("JWT", nil, s.signer), true},
			{"for several audiences", sign("JWT", map[string]any{"aud": []string{"x", "client-1"}}, s.signer), true},
			{"another client's", sign("JWT", map[string]any{"aud": "client-2"}, s.signer), false},
			{"another issuer's (BAD-38)", sign("JWT", map[string]any{"iss": "https://as.example/" + s.other}, s.signer), false},
			{"an access token (THR-13)", sign("at+jwt", nil, s.signer), false},
			{"userinfo, which does not expire", sign("JWT", map[string]any{"exp": nil}, s.signer), false},
			{"no iat", sign("JWT", map[string]any{"iat": nil}, s.signer), false},
			{"an authorization response, which has no subject (JARM)", sign("JWT", map[string]any{"sub": nil}, s.signer), false},
			{"signed by another key", sign("JWT", nil, newKey(t)), false},
			{"no JWT", "alice", false},
		} {
			t.Run(row.name, func(t *testing.T) {
				reply, err := s.beginWith(t, s.bank, map[string]string{"client_id": "client-1", "request_uri": s.push(map[string]string{"id_token_hint": row.hint})})
				if err != nil {
					t.Fatal(err)
				}
				params := query(t, reply.GetLocation())
				if row.ok {
					if params.Get("ticket") == "" {
						t.Errorf("it is sent to %s", reply.GetLocation())
					}
					return
				}
				if !strings.HasPrefix(reply.GetLocation(), redirectURI+"&") || params.Get("error") != oauth.CodeInvalidRequest ||
					params.Get("iss") != "https://as.example/"+s.bank || params.Get("state") != `s"\ ~` {
					t.Errorf("it is sent to %s", reply.GetLocation())
				}
			})
		}
	})
}
