package e2e

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// alike checks that a thing of one issuer gets the same answer at the other as one
// that never was: status and body tell nothing of it (BAD-38).
func alike(t *testing.T, ofOther, unknown *rig.Response, status int) {
	t.Helper()
	ofOther.Is(t, status)
	if unknown.StatusCode != status || !bytes.Equal(ofOther.Body, unknown.Body) {
		t.Errorf("answered %d %s, but to what is unknown %d %s", ofOther.StatusCode, ofOther.Body, unknown.StatusCode, unknown.Body)
	}
}

// TestIssuersAreApart: two issuers of one deployment know nothing of each other's
// (BAD-38). Here is what exists at the one, brought to the other, by a client that
// is good there.
func TestIssuersAreApart(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	here, there := s.Client(t), s.Client(t, rig.At(rig.Other))

	t.Run("BAD-38 request_uri", func(t *testing.T) {
		f := here.Flow().Push(t)
		at := there.Flow()
		for _, clientID := range []string{there.ID, here.ID} {
			ask := func(requestURI string) *rig.Page {
				return s.Browser(t).Get(t, at.Endpoint()+"?"+url.Values{"client_id": {clientID}, "request_uri": {requestURI}}.Encode())
			}
			page, unknown := ask(f.RequestURI), ask(oauth.RequestURIPrefix+oauth.NewSecret())
			got, _ := page.ByID("error")
			want, _ := unknown.ByID("error")
			page.Refused(t, want)
			if got != want {
				t.Errorf("error is %s, for an unknown one %s", got, want)
			}
		}
	})
	t.Run("BAD-38 code", func(t *testing.T) {
		f := here.Authorized(t)
		at := there.Flow()
		at.Code, at.Verifier, at.Redirect = f.Code, f.Verifier, f.Redirect
		unknown := *at
		unknown.Code = oauth.NewSecret()
		alike(t, there.Send(t, at.TokenRequest()), there.Send(t, unknown.TokenRequest()), http.StatusBadRequest)
		f.Exchange(t)
	})
	t.Run("BAD-38 access token at introspection", func(t *testing.T) {
		f := here.Authorized(t)
		f.Exchange(t)
		alike(t, there.Send(t, there.Introspect(f.AccessToken)), there.Send(t, there.Introspect("unknown")), http.StatusOK)
	})
	t.Run("BAD-38 access token at userinfo", func(t *testing.T) {
		f := here.Authorized(t)
		f.Exchange(t)
		at := *there
		at.Certificate = here.Certificate
		alike(t, here.Send(t, at.Userinfo(f.AccessToken)), here.Send(t, at.Userinfo("unknown")), http.StatusUnauthorized)
	})
	t.Run("BAD-38 refresh token", func(t *testing.T) {
		f := here.Authorized(t)
		f.Exchange(t)
		alike(t, there.Send(t, there.Refresh(f.RefreshToken)), there.Send(t, there.Refresh(oauth.NewSecret())), http.StatusBadRequest)
		alike(t, there.Send(t, there.Revoke(f.RefreshToken)), there.Send(t, there.Revoke(oauth.NewSecret())), http.StatusOK)
		here.Send(t, here.Refresh(f.RefreshToken)).Is(t, http.StatusOK)
	})
	t.Run("BAD-38 access token at an API that does not trust its issuer", func(t *testing.T) {
		f := there.Authorized(t)
		f.Exchange(t)
		there.Send(t, there.Accounts(f.AccessToken)).Is(t, http.StatusUnauthorized)
	})
	t.Run("BAD-38 client_id, with an assertion for the other issuer", func(t *testing.T) {
		elsewhere := *here
		elsewhere.Name, elsewhere.Issuer = rig.Other, s.Issuer(rig.Other)
		unknown := elsewhere
		unknown.ID = oauth.ClientIDPrefix + oauth.NewID()
		alike(t, here.Send(t, elsewhere.Credentials()), here.Send(t, unknown.Credentials()), http.StatusUnauthorized)
		alike(t, here.Send(t, elsewhere.Flow().PushRequest()), here.Send(t, unknown.Flow().PushRequest()), http.StatusUnauthorized)
	})
	t.Run("BAD-38 audience of an assertion", func(t *testing.T) {
		there.Send(t, there.Credentials(rig.Claim("aud", here.Issuer))).Refused(t, http.StatusUnauthorized, invalidClient)
	})
	t.Run("BAD-38 registration access token", func(t *testing.T) {
		r := here.Registration
		at := strings.Replace(r.RegistrationClientURI, here.Issuer, there.Issuer, 1)
		alike(t, s.Send(t, reading(at, r.RegistrationAccessToken)), s.Send(t, reading(at, oauth.NewSecret())), http.StatusUnauthorized)
		s.Send(t, reading(r.RegistrationClientURI, r.RegistrationAccessToken)).Is(t, http.StatusOK)
	})
	t.Run("BAD-38 interaction, at the bank's page", func(t *testing.T) {
		f, b := here.Flow().Push(t), s.Browser(t)
		mailed := b.Get(t, f.URL()).Header.Get("Location")
		b.Get(t, strings.Replace(mailed, "issuer="+rig.FAPI2, "issuer="+rig.Other, 1)).Refused(t, oauth.CodeInvalidRequest)
	})
	t.Run("BAD-38 interaction, on the way back", func(t *testing.T) {
		f, b := here.Flow().Push(t), s.Browser(t)
		back := b.Press(t, f.Consent(t, b), "approve").Header.Get("Location")
		b.Get(t, strings.Replace(back, here.Issuer, there.Issuer, 1)).Refused(t, oauth.CodeInvalidRequest)
		f.Answer(t, b.Follow(t, b.Get(t, back)))
	})
	t.Run("BAD-38 the keys are others", func(t *testing.T) {
		ours, theirs := keys(t, s, rig.FAPI2), keys(t, s, rig.Other)
		for _, key := range ours.Keys() {
			for _, other := range theirs.Keys() {
				if key.Thumbprint() == other.Thumbprint() {
					t.Errorf("key %s serves both issuers", key.ID())
				}
			}
		}
	})
	t.Run("BAD-38 what is good here is good here", func(t *testing.T) {
		for _, c := range []*rig.Client{here, there} {
			c.Send(t, c.Credentials()).Is(t, http.StatusOK)
		}
	})
}
