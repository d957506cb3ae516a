package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestSecurityProfile is one look at each rule of the FAPI 2.0 Security Profile
// that shows in no hostile input.
func TestSecurityProfile(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, row := range []struct {
			rule  string
			check func(*testing.T, *rig.Suite)
		}{
			{"SP2-1 metadata is published in both ways, as one document", publishesBothWays},
			{"SP2-5 tokens are bound to a certificate or to a DPoP key", bindsBothWays},
			{"SP2-7 there is no open redirector", redirectsNobody},
			{"SP2-9 a refresh token stays as it is", keepsRefreshToken},
			{"SP2-14 an access token says no more than its API needs", saysLittle},
			{"SP2-22 requests are pushed by an authenticated client; SP2-24 and by no other", pushesAuthenticated},
			{"SP2-27 an error too comes with iss; SP2-30 after credentials never by 307", answersErrors},
			{"SP2-31 browsers are redirected by 303", redirectsBy303},
			{"SP2-33 the consent page names the client and what it asks for", namesClient},
			{"SP2-37 who the user is comes by OpenID Connect", identifiesUser},
		} {
			t.Run(row.rule, func(t *testing.T) { row.check(t, s) })
		}
	})
}

// publishesBothWays: OpenID Connect Discovery §4 and RFC 8414 §3.
func publishesBothWays(t *testing.T, s *rig.Suite) {
	discovery := s.Send(t, rig.Get(s.Issuer(rig.FAPI2)+"/.well-known/openid-configuration")).Is(t, http.StatusOK)
	metadata := s.Send(t, rig.Get(s.Layout.URL(layout.Public)+"/.well-known/oauth-authorization-server/fapi2")).Is(t, http.StatusOK)
	if !bytes.Equal(discovery.Body, metadata.Body) || discovery.Text("issuer") != s.Issuer(rig.FAPI2) {
		t.Errorf("%s\n%s", discovery.Body, metadata.Body)
	}
}

func bindsBothWays(t *testing.T, s *rig.Suite) {
	for member, option := range map[string]rig.Option{"x5t#S256": rig.At(rig.FAPI2), "jkt": rig.DPoP} {
		c := s.Client(t, option)
		token := c.Send(t, c.Credentials()).Is(t, http.StatusOK).Text("access_token")
		cnf, _ := c.Send(t, c.Introspect(token)).Is(t, http.StatusOK).JSON["cnf"].(map[string]any)
		if len(cnf) != 1 || cnf[member] == nil {
			t.Errorf("cnf is %v, want %s", cnf, member)
		}
	}
}

func redirectsNobody(t *testing.T, s *rig.Suite) {
	f := s.Client(t).Flow().Push(t)
	elsewhere := url.Values{"client_id": {f.ID}, "redirect_uri": {"https://evil.example/cb"}, "response_type": {"code"}}
	if page := s.Browser(t).Get(t, f.Endpoint()+"?"+elsewhere.Encode()); page.StatusCode != http.StatusBadRequest || page.Header.Get("Location") != "" {
		t.Errorf("answered %d, to %s", page.StatusCode, page.Header.Get("Location"))
	}
	f.Send(t, f.PushRequest(rig.Param("redirect_uri", "https://evil.example/cb"))).Is(t, http.StatusBadRequest)
}

func keepsRefreshToken(t *testing.T, s *rig.Suite) {
	f := s.Client(t).Authorized(t)
	f.Exchange(t)
	for range 2 {
		answer := f.Send(t, f.Refresh(f.RefreshToken)).Is(t, http.StatusOK)
		if next := answer.Text("refresh_token"); next != "" && next != f.RefreshToken {
			t.Error("the refresh token was rotated")
		}
	}
}

func saysLittle(t *testing.T, s *rig.Suite) {
	f := s.Client(t).Flow()
	f.Scope = "accounts"
	f.Push(t).Approve(t, s.Browser(t))
	f.Exchange(t)
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(f.AccessToken, ".")[1])
	if err != nil {
		t.Fatal(err)
	}
	var claims map[string]any
	if err := json.Unmarshal(raw, &claims); err != nil {
		t.Fatal(err)
	}
	if claims["scope"] != "accounts" || claims["aud"] != s.Layout.URL(layout.BankAPI) {
		t.Errorf("scope is %v, aud %v", claims["scope"], claims["aud"])
	}
	for _, personal := range []string{"name", "email", "phone_number", "address", "birthdate"} {
		if claims[personal] != nil {
			t.Errorf("the token tells %s", personal)
		}
	}
}

func pushesAuthenticated(t *testing.T, s *rig.Suite) {
	f := s.Client(t).Flow()
	f.Send(t, f.PushRequest()).Is(t, http.StatusCreated)
	f.Send(t, f.PushRequest(rig.NoAssertion)).Refused(t, http.StatusUnauthorized, invalidClient)
	f.Send(t, f.PushRequest(rig.NoAssertion, rig.Param("client_id", f.ID), rig.With(nil))).Refused(t, http.StatusUnauthorized, invalidClient)
}

func answersErrors(t *testing.T, s *rig.Suite) {
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	denied := b.Press(t, f.Consent(t, b), "deny")
	denied.Is(t, http.StatusSeeOther)
	if answer := f.Answer(t, b.Follow(t, denied)); answer.Get("error") != "access_denied" || answer.Get("iss") != f.Issuer {
		t.Errorf("answered %v", answer)
	}
}

func redirectsBy303(t *testing.T, s *rig.Suite) {
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	b.Get(t, f.URL()).Is(t, http.StatusSeeOther)
	back := b.Press(t, f.Consent(t, b), "approve").Is(t, http.StatusSeeOther)
	b.Get(t, back.Header.Get("Location")).Is(t, http.StatusSeeOther)
}

func namesClient(t *testing.T, s *rig.Suite) {
	page := s.Client(t).Flow().Push(t).Consent(t, s.Browser(t))
	for _, text := range []string{"Budget", "Know who you are", "See your accounts and their balances"} {
		if !bytes.Contains(page.Body, []byte(text)) {
			t.Errorf("the page does not say %q", text)
		}
	}
	if bytes.Contains(page.Body, []byte("Make payments")) {
		t.Error("the page offers what the client did not ask for")
	}
}

func identifiesUser(t *testing.T, s *rig.Suite) {
	f := s.Client(t).Authorized(t)
	f.Exchange(t)
	var claims struct {
		Subject string `json:"sub"`
	}
	read(t, keys(t, s, f.Name), f.IDToken, "JWT", &claims, "ES256")
	userinfo := f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusOK)
	if claims.Subject == "" || userinfo.Text("sub") != claims.Subject {
		t.Errorf("sub is %q in the id_token, %q at userinfo", claims.Subject, userinfo.Text("sub"))
	}
}
