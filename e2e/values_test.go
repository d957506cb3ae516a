package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestValuesComeBackWhole: what a client sends for its own use returns as sent.
func TestValuesComeBackWhole(t *testing.T) {
	t.Parallel()
	eachRendering(t, comeBackWhole)
}

func comeBackWhole(t *testing.T, s *rig.Suite) {
	for _, row := range []struct {
		rule     string
		redirect string
		change   func(*rig.Flow)
	}{
		{rule: "BAD-62 a state of 1000 characters returns verbatim", change: func(f *rig.Flow) { f.State = strings.Repeat("state.~_-0", 100) }},
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
	t.Run("AZ-3 the redirect URI's own query is kept with an error too", func(t *testing.T) {
		f, b := s.Client(t, rig.Redirecting("https://client.example/cb?tenant=7")).Flow().Push(t), s.Browser(t)
		answer := f.Answer(t, b.Follow(t, b.Press(t, f.Consent(t, b), "deny")))
		if answer.Get("tenant") != "7" || answer.Get("error") != oauth.CodeAccessDenied {
			t.Errorf("the client is told %v", answer)
		}
	})
	t.Run("SP2-36 without state and nonce none comes back", func(t *testing.T) {
		f, b := s.Client(t).Flow(), s.Browser(t)
		f.State, f.Nonce = "", ""
		if answer := f.Push(t).Approve(t, b); answer.Has("state") {
			t.Errorf("the client is told %v", answer)
		}
		f.Exchange(t)
		checkIDToken(t, s, f, jose.ES256)
	})
}

// TestNoIDTokenWithoutOpenID: a client that does not ask who the user is does not
// hear it (OpenID Connect Core §3.1.2.1).
func TestNoIDTokenWithoutOpenID(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f := k.client(t, s).Flow()
		f.Scope = "accounts"
		f.Push(t).Approve(t, s.Browser(t))
		for _, answer := range []*rig.Response{f.Exchange(t), f.Send(t, f.Refresh(f.RefreshToken)).Is(t, http.StatusOK)} {
			if _, ok := answer.JSON["id_token"]; ok || answer.Text("scope") != "accounts" {
				t.Errorf("token response is %s", answer.Body)
			}
		}
	})
}

// TestClocksAhead: a client's clock may be ahead of ours by 8 seconds, in what it
// signs for us and for the API (SP2-13, BAD-12, BAD-138).
func TestClocksAhead(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		ahead := func(r *rig.Request) {
			then := s.Now().Unix() + 8
			if r.Assertion != nil {
				rig.Claims(then, "iat", "nbf")(r)
			}
			if r.Proof != nil {
				rig.ProofClaim("iat", then)(r)
			}
		}
		f := k.client(t, s).Flow().Push(t, ahead)
		f.Approve(t, s.Browser(t))
		f.Exchange(t, ahead)
		f.Send(t, f.Refresh(f.RefreshToken, ahead)).Is(t, http.StatusOK)
		f.Send(t, f.Introspect(f.AccessToken, ahead)).Is(t, http.StatusOK)
		f.Send(t, f.Userinfo(f.AccessToken, ahead)).Is(t, http.StatusOK)
		f.Send(t, f.Accounts(f.AccessToken, ahead)).Is(t, http.StatusOK)
	})
}
