package e2e

import (
	"net/http"
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
