package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestFlow walks the whole flow in every rendering, with both kinds of client
// key and each id_token algorithm.
func TestFlow(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, row := range []struct {
			name    string
			key     rig.Key
			idToken jose.Algorithm
		}{
			{"ES256 client, ES256 id_token by default", rig.ES256Key(), ""},
			{"PS256 client, PS256 id_token as registered", rig.PS256Key(), jose.PS256},
			{"ES256 client, PS256 id_token as registered", rig.ES256Key(), jose.PS256},
		} {
			t.Run(row.name, func(t *testing.T) {
				c := s.Client(t, rig.Keyed(row.key), rig.Registered(func(m *metadata.Client) { m.IDTokenSignedAlg = string(row.idToken) }))
				f := c.Authorized(t)
				answer := f.Exchange(t)
				if answer.Text("token_type") != oauth.TokenTypeBearer || answer.JSON["expires_in"] != 300.0 || answer.Text("scope") != f.Scope {
					t.Errorf("token response is %s", answer.Body)
				}
				if cache := answer.Header.Get("Cache-Control"); cache != "no-store" {
					t.Errorf("Cache-Control of the tokens is %q", cache)
				}
				want := row.idToken
				if want == "" {
					want = jose.ES256
				}
				checkAccessToken(t, s, f)
				checkIDToken(t, s, f, want)
				c.Send(t, c.Accounts(f.AccessToken)).Is(t, http.StatusOK)
				if active := c.Send(t, c.Introspect(f.AccessToken)).Is(t, http.StatusOK); active.JSON["active"] != true {
					t.Errorf("introspection says %s", active.Body)
				}
				c.Send(t, c.Accounts(f.AccessToken, rig.With(nil))).Is(t, http.StatusUnauthorized)
				if user := c.Send(t, c.Userinfo(f.AccessToken)).Is(t, http.StatusOK); user.Text("sub") == "" {
					t.Errorf("userinfo says %s", user.Body)
				}
				fresh := c.Send(t, c.Refresh(f.RefreshToken)).Is(t, http.StatusOK).Text("access_token")
				c.Send(t, c.Accounts(fresh)).Is(t, http.StatusOK)
				c.Send(t, c.Revoke(f.RefreshToken)).Is(t, http.StatusOK)
				c.Send(t, c.Refresh(f.RefreshToken)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
			})
		}
	})
}

// TestAuthorizeByPost: the authorization endpoint takes a form as well as a query
// (OpenID Connect Core §3.1.2.1).
func TestAuthorizeByPost(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		f, b := s.Client(t).Flow().Push(t), s.Browser(t)
		page := b.Follow(t, b.Post(t, f.Endpoint(), f.Parameters()))
		page = b.Follow(t, b.Press(t, page, "login", "username", "bob", "password", "bob"))
		f.Answer(t, b.Follow(t, b.Press(t, page, "approve")))
		f.Exchange(t)
	})
}

// TestValuesComeBackWhole: what a client sends for its own use returns as sent.
func TestValuesComeBackWhole(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	for _, row := range []struct {
		rule     string
		redirect string
		change   func(*rig.Flow)
	}{
		{rule: "BAD-62 a state of more than 1000 characters returns verbatim", change: func(f *rig.Flow) {
			f.State = strings.Repeat(`0Aa-._~%20&=+/"\<>#`, 70)
		}},
		{rule: "BAD-62 a nonce of 64 characters stands verbatim in the id_token", change: func(f *rig.Flow) { f.Nonce = strings.Repeat("n0nce.~_", 8) }},
		{rule: "BAD-62 a nonce of 384 characters stands verbatim in the id_token", change: func(f *rig.Flow) { f.Nonce = strings.Repeat("n0nce.~_", 48) }},
		{rule: "AZ-3 the redirect URI's own query is kept", redirect: "https://client.example/cb?tenant=7&empty=&x=%2Fy"},
	} {
		t.Run(row.rule, func(t *testing.T) {
			options := []rig.Option{}
			if row.redirect != "" {
				options = append(options, rig.Redirecting(row.redirect))
			}
			f := s.Client(t, options...).Flow()
			if row.change != nil {
				row.change(f)
			}
			answer := f.Push(t).Approve(t, s.Browser(t)) // checks state and the redirect URI's prefix
			own, err := url.Parse(f.Redirect)
			if err != nil {
				t.Fatal(err)
			}
			for name, values := range own.Query() {
				if answer.Get(name) != values[0] {
					t.Errorf("%s came back as %q", name, answer[name])
				}
			}
			f.Exchange(t)
			checkIDToken(t, s, f, jose.ES256)
		})
	}
}

// TestNoIDTokenWithoutOpenID: a client that does not ask who the user is does not
// hear it (OpenID Connect Core §3.1.2.1).
func TestNoIDTokenWithoutOpenID(t *testing.T) {
	t.Parallel()
	f := oneProcess.suite(t).Client(t).Flow()
	f.Scope = "accounts"
	f.Push(t).Approve(t, oneProcess.suite(t).Browser(t))
	answer := f.Exchange(t)
	if _, ok := answer.JSON["id_token"]; ok || answer.Text("scope") != "accounts" {
		t.Errorf("token response is %s", answer.Body)
	}
}

// TestClientCredentials: a client acts for itself, without a user.
func TestClientCredentials(t *testing.T) {
	t.Parallel()
	c := oneProcess.suite(t).Client(t)
	answer := c.Send(t, c.Credentials()).Is(t, http.StatusOK)
	if _, ok := answer.JSON["id_token"]; ok || answer.Text("access_token") == "" {
		t.Errorf("token response is %s", answer.Body)
	}
	c.Send(t, c.Credentials(rig.Param("client_id", c.ID))).Is(t, http.StatusOK) // client_id beside an assertion is redundant, not wrong
}

// TestRegistrationReadBack: what a client registered can be read with its token
// (RFC 7592 §2.1).
func TestRegistrationReadBack(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t)
		r := c.Registration
		read := s.Send(t, reading(r.RegistrationClientURI, r.RegistrationAccessToken)).Is(t, http.StatusOK)
		if read.Text("client_id") != c.ID || read.Text("client_name") != "Budget" || read.Text("token_endpoint_auth_method") != oauth.AuthPrivateKeyJWT {
			t.Errorf("registration reads %s", read.Body)
		}
	})
}

func reading(address, token string) *rig.Request {
	r := rig.Get(address)
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}
