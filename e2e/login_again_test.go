package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestLoginAgain: a client may want its user to log in although a session lives,
// or nothing to be shown at all (OIDC-2: OpenID Connect Core §3.1.2.1).
func TestLoginAgain(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		c, b := k.client(t, s), s.Browser(t)
		c.Flow().Push(t).Approve(t, b)
		for _, row := range []struct {
			id, why string
			change  rig.Change
			login   bool
		}{
			{"BAD-92", "prompt=login with a live session", rig.Param("prompt", "login"), true},
			{"BAD-92", "max_age=0 with a live session", rig.Param("max_age", "0"), true},
			{"BAD-92", "max_age that the session keeps", rig.Param("max_age", "3600"), false},
			{"BAD-92", "nothing of it", rig.All(), false},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) {
				f := c.Flow().Push(t, row.change)
				if page := b.Follow(t, b.Get(t, f.URL())); page.Has("login") != row.login {
					t.Errorf("a login is asked for: %t, want %t", page.Has("login"), row.login)
				}
				f.Approve(t, b)
				f.Exchange(t)
			})
		}
		t.Run("BAD-92 prompt=none without a session", func(t *testing.T) {
			f, b := c.Flow().Push(t, rig.Param("prompt", "none")), s.Browser(t)
			if answer := f.Answer(t, b.Follow(t, b.Get(t, f.URL()))); answer.Get("error") != oauth.CodeLoginRequired {
				t.Errorf("the client is told %v", answer)
			}
		})
	})
}

// TestMaxAge, alone, for it sets the clock forward: a session that is older than
// the client wants is logged in again (BAD-92).
func TestMaxAge(t *testing.T) {
	s := oneProcess.suite(t)
	eachKind(t, kinds[:2], func(t *testing.T, k kind) {
		c, b := k.client(t, s), s.Browser(t)
		c.Flow().Push(t).Approve(t, b)
		s.Clock.Advance(2 * time.Minute)
		f := c.Flow().Push(t, rig.Param("max_age", "60"))
		if page := b.Follow(t, b.Get(t, f.URL())); !page.Has("login") {
			t.Error("BAD-92 max_age is exceeded and no login is asked for")
		}
		f.Approve(t, b)
		f.Exchange(t)
	})
}

// TestClaimsAreConditions: an acr that is essential, or a user who is named, is met
// or the client hears why not (OIDC-3, STEP-1).
func TestClaimsAreConditions(t *testing.T) {
	t.Parallel()
	const reached = "urn:strongroom:acr:pwd"
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t)
		for _, row := range []struct{ id, why, parameter, value, code string }{
			{"OIDC-3", "an essential acr that the bank reaches", "claims", `{"id_token":{"acr":{"essential":true,"values":["urn:other","` + reached + `"]}}}`, ""},
			{"BAD-93", "an essential acr that it does not", "claims", `{"id_token":{"acr":{"essential":true,"value":"urn:other"}}}`, oauth.CodeUnmetAuthentication},
			{"OIDC-3", "a voluntary acr that it does not", "claims", `{"id_token":{"acr":{"value":"urn:other"}}}`, ""},
			{"STEP-1", "acr_values that it does not reach", "acr_values", "urn:other", oauth.CodeUnmetAuthentication},
			{"OIDC-3", "another user than logs in", "claims", `{"id_token":{"sub":{"value":"nobody"}}}`, oauth.CodeLoginRequired},
			{"OIDC-3", "claims that nobody serves", "claims", `{"userinfo":{"given_name":{"essential":true}},"other":{}}`, ""},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) {
				f, b := c.Flow().Push(t, rig.Param(row.parameter, row.value)), s.Browser(t)
				page := b.Follow(t, b.Get(t, f.URL()))
				if page.Has("login") {
					page = b.Follow(t, b.Press(t, page, "login", "username", "alice", "password", "alice"))
				}
				if page.Has("approve") {
					page = b.Follow(t, b.Press(t, page, "approve"))
				}
				if answer := f.Answer(t, page); answer.Get("error") != row.code || answer.Has("code") != (row.code == "") {
					t.Errorf("the client is told %v, want %q", answer, row.code)
				}
			})
		}
		t.Run("OIDC-3 an acr that is asked for stands in the id_token", func(t *testing.T) {
			f := c.Flow().Push(t, rig.Param("acr_values", reached))
			f.Approve(t, s.Browser(t))
			f.Exchange(t)
			var claims struct {
				ACR string `json:"acr"`
			}
			read(t, keys(t, s, f.Name), f.IDToken, "JWT", &claims, "ES256")
			if claims.ACR != reached {
				t.Errorf("acr is %q", claims.ACR)
			}
			f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusOK)
		})
	})
}
