package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestWire: what clients do that is right, though not the usual, and what every
// answer has; a certification suite looks at both.
func TestWire(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f := k.client(t, s).Authorized(t)
		f.Exchange(t)
		for _, row := range []struct {
			rule    string
			request *rig.Request
		}{
			{"WIRE-1 a form with a charset", f.Credentials(rig.Header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"))},
			{"WIRE-1 a form by another case", f.Credentials(rig.Header("Content-Type", "Application/X-WWW-Form-Urlencoded"))},
			{"WIRE-2 an empty parameter is none", f.Credentials(rig.Param("resource", ""), rig.Param("code", ""))},
			{"WIRE-2 a parameter that nobody knows", f.Credentials(rig.Param("audience", "https://other.example"), rig.Param("unknown", "1"))},
			{"WIRE-7 the scheme in small letters", f.Userinfo(f.AccessToken, lowerScheme)},
			{"WIRE-7 the scheme in capitals", f.Userinfo(f.AccessToken, upperScheme)},
			{"WIRE-8 scopes in another order", f.Refresh(f.RefreshToken, rig.Param("scope", "accounts openid"))},
			{"TOK-3 fewer scopes", f.Refresh(f.RefreshToken, rig.Param("scope", "accounts"))},
			{"OIDC-4 userinfo by POST", posted(f.Userinfo(f.AccessToken))},
			{"PKJ-1 client_id beside the proof", f.Credentials(rig.Param("client_id", f.ID))},
			{"INTR-1 a hint of another kind", f.Introspect(f.AccessToken, rig.Param("token_type_hint", "refresh_token"))},
		} {
			t.Run(row.rule, func(t *testing.T) {
				const id = "c770aef3-6784-41f7-8e0e-ff5f97bddb3a"
				row.request.Header.Set("X-Fapi-Interaction-Id", id)
				answer := f.Send(t, row.request).Is(t, http.StatusOK)
				if got := answer.Header.Get("X-Fapi-Interaction-Id"); got != id {
					t.Errorf("WIRE-11 x-fapi-interaction-id is %s", got)
				}
				if answer.Header.Get("Date") == "" || answer.Header.Get("Cache-Control") != "no-store" {
					t.Errorf("WIRE-10, WIRE-3 Date %q, Cache-Control %q", answer.Header.Get("Date"), answer.Header.Get("Cache-Control"))
				}
			})
		}
		t.Run("PAR-3 what a push is answered", func(t *testing.T) { pushAnswer(t, f) })
		t.Run("DPOP-7 introspection tells what the token is bound to", func(t *testing.T) { boundAnswer(t, f) })
		t.Run("OIDC-6 an id_token of a refresh is of the same login, without a nonce or with the first", func(t *testing.T) { refreshedIDToken(t, f) })
		t.Run("CRY-4 no secret is shorter than 128 bits", func(t *testing.T) {
			for what, secret := range map[string]string{
				"code": f.Code, "refresh_token": f.RefreshToken, "request_uri": strings.TrimPrefix(f.RequestURI, oauth.RequestURIPrefix),
			} {
				if len(secret) < 43 {
					t.Errorf("%s has %d characters", what, len(secret))
				}
			}
		})
	})
}

func lowerScheme(r *rig.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	r.Header.Set("Authorization", strings.ToLower(scheme)+" "+token)
}

func upperScheme(r *rig.Request) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	r.Header.Set("Authorization", strings.ToUpper(scheme)+" "+token)
}

func posted(r *rig.Request) *rig.Request {
	r.Method = http.MethodPost
	if r.Proof != nil {
		r.Proof.Claims["htm"] = http.MethodPost
	}
	return r
}

func pushAnswer(t *testing.T, f *rig.Flow) {
	answer := f.Send(t, f.Flow().PushRequest()).Is(t, http.StatusCreated)
	lifetime, _ := answer.JSON["expires_in"].(float64)
	if !strings.HasPrefix(answer.Text("request_uri"), oauth.RequestURIPrefix) || lifetime < 5 || lifetime >= 600 || lifetime != float64(int(lifetime)) {
		t.Errorf("answered %s", answer.Body)
	}
	if len(answer.JSON) != 2 || answer.Header.Get("Cache-Control") != "no-store" || answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("answered %s with %v", answer.Body, answer.Header)
	}
}

func boundAnswer(t *testing.T, f *rig.Flow) {
	answer := f.Send(t, f.Introspect(f.AccessToken)).Is(t, http.StatusOK)
	member, kind := "x5t#S256", oauth.TokenTypeBearer
	if f.DPoPKey != nil {
		member, kind = "jkt", oauth.TokenTypeDPoP
	}
	cnf, _ := answer.JSON["cnf"].(map[string]any)
	if thumbprint, _ := cnf[member].(string); len(cnf) != 1 || len(thumbprint) != 43 || answer.Text("token_type") != kind {
		t.Errorf("answered %s", answer.Body)
	}
	for _, wanted := range []string{"iss", "sub", "aud", "exp", "iat", "jti", "scope", "client_id"} {
		if answer.JSON[wanted] == nil {
			t.Errorf("INTR-3 %s is missing: %s", wanted, answer.Body)
		}
	}
}

func refreshedIDToken(t *testing.T, f *rig.Flow) {
	text := f.Send(t, f.Refresh(f.RefreshToken)).Is(t, http.StatusOK).Text("id_token")
	if text == "" {
		return // it is optional
	}
	first, again := claimsOf(t, f.IDToken), claimsOf(t, text)
	for _, same := range []string{"iss", "sub", "aud", "auth_time"} {
		if first[same] != again[same] {
			t.Errorf("%s was %v and is %v", same, first[same], again[same])
		}
	}
	if nonce := again["nonce"]; nonce != nil && nonce != first["nonce"] {
		t.Errorf("nonce is %v", nonce)
	}
}

// claimsOf reads a token without judging it.
func claimsOf(t *testing.T, token string) (claims map[string]any) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}
