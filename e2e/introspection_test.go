package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// inactive is the whole answer about a token that is none, to whom asks (INTR-2:
// RFC 7662 §2.2).
func inactive(t *testing.T, answer *rig.Response) {
	t.Helper()
	if answer.Is(t, http.StatusOK); string(answer.Body) != `{"active":false}` {
		t.Errorf("introspection says %s", answer.Body)
	}
}

// TestIntrospection: who asks is known, and hears of a token no more than is
// theirs to know (INTR-1, INTR-2).
func TestIntrospection(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f, other := k.client(t, s).Authorized(t), k.client(t, s)
		f.Exchange(t)
		ask := func(changes ...rig.Change) *rig.Response { return f.Send(t, f.Introspect(f.AccessToken, changes...)) }
		t.Run("BAD-170 another client's token", func(t *testing.T) {
			inactive(t, other.Send(t, other.Introspect(f.AccessToken)))
			inactive(t, other.Send(t, other.Introspect(f.RefreshToken)))
		})
		t.Run("BAD-170 no credentials", func(t *testing.T) {
			ask(f.Unproven, rig.With(nil)).Refused(t, http.StatusBadRequest, invalidClient)
		})
		t.Run("BAD-170 wrong credentials", func(t *testing.T) {
			ask(wrong(t, s, f.Client)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		for _, row := range []struct{ id, why, token string }{
			{"BAD-171", "garbage", "garbage"},
			{"BAD-171", "no UTF-8", "\xff\x00"},
			{"BAD-171", "an id_token", f.IDToken},
			{"BAD-171", "with another signature", f.AccessToken[:len(f.AccessToken)-8] + "AAAAAAAA"},
			{"BAD-171", "a code", f.Code},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) { inactive(t, f.Send(t, f.Introspect(row.token))) })
		}
		t.Run("BAD-172 by GET", func(t *testing.T) {
			ask(rig.Method(http.MethodGet)).Refused(t, http.StatusMethodNotAllowed, oauth.CodeInvalidRequest)
		})
		t.Run("BAD-172 no token", func(t *testing.T) {
			ask(rig.Param("token")).Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		})
		if answer := ask().Is(t, http.StatusOK); answer.JSON["active"] != true {
			t.Errorf("introspection says %s", answer.Body)
		}
	})
}

// TestAudience: a token tells of itself, and is good, at the API that it is for and
// at no other (INTR-2: RFC 7662 §2.2, RS2-3: RFC 9068 §4).
func TestAudience(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f, api := k.client(t, s).Authorized(t), s.Layout.URL(layout.BankAPI)
		f.Exchange(t)
		t.Run("BAD-171 asked about by another API", func(t *testing.T) {
			other := s.ResourceServer(t, rig.FAPI2, "https://api.other.example")
			inactive(t, other.Send(t, other.Introspect(f.AccessToken)))
			inactive(t, other.Send(t, other.Introspect(f.RefreshToken)))
		})
		t.Run("INTR-3 asked about by its own API", func(t *testing.T) {
			own := s.ResourceServer(t, rig.FAPI2, api)
			if answer := own.Send(t, own.Introspect(f.AccessToken)).Is(t, http.StatusOK); answer.JSON["active"] != true || answer.Text("aud") != api {
				t.Errorf("introspection says %s", answer.Body)
			}
			inactive(t, own.Send(t, own.Introspect(f.RefreshToken)))
		})
	})
	eachKind(t, kinds, func(t *testing.T, k kind) {
		s := oneProcess.suite(t)
		f := k.client(t, s, rig.At(rig.Elsewhere)).Authorized(t)
		f.Exchange(t)
		t.Run("BAD-145 brought to the bank, which trusts its issuer, and is for another API", func(t *testing.T) {
			refusedAtAPI(t, f.Send(t, f.Accounts(f.AccessToken)))
		})
		t.Run("BAD-171 the bank asks about it", func(t *testing.T) {
			bank := s.ResourceServer(t, rig.Elsewhere, s.Layout.URL(layout.BankAPI))
			inactive(t, bank.Send(t, bank.Introspect(f.AccessToken)))
		})
		own := s.ResourceServer(t, rig.Elsewhere, rig.ElsewhereAPI)
		if answer := own.Send(t, own.Introspect(f.AccessToken)).Is(t, http.StatusOK); answer.JSON["active"] != true {
			t.Errorf("introspection says %s", answer.Body)
		}
	})
}

// TestRevocation: a client ends what is its own (REV-1, REV-2: RFC 7009 §2.1), and
// the answer tells nothing of what is not.
func TestRevocation(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f, thief := k.client(t, s).Authorized(t), k.client(t, s)
		f.Exchange(t)
		t.Run("BAD-174 another client's tokens", func(t *testing.T) {
			for _, token := range []string{f.AccessToken, f.RefreshToken} {
				thief.Send(t, thief.Revoke(token)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
			}
			f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusOK)
			f.Send(t, f.Refresh(f.RefreshToken)).Is(t, http.StatusOK)
		})
		t.Run("BAD-174 an unknown token", func(t *testing.T) {
			if answer := f.Send(t, f.Revoke(oauth.NewSecret())).Is(t, http.StatusOK); len(answer.Body) != 0 {
				t.Errorf("answered %s", answer.Body)
			}
		})
		t.Run("BAD-174 no credentials", func(t *testing.T) {
			f.Send(t, f.Revoke(f.AccessToken, f.Unproven)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-174 the hint says it is of the other kind", func(t *testing.T) {
			f.Send(t, f.Revoke(f.AccessToken, rig.Param("token_type_hint", "refresh_token"))).Is(t, http.StatusOK)
			inactive(t, f.Send(t, f.Introspect(f.AccessToken)))
			f.Send(t, f.Revoke(f.RefreshToken, rig.Param("token_type_hint", "access_token"))).Is(t, http.StatusOK)
			f.Send(t, f.Refresh(f.RefreshToken)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
		})
		t.Run("BAD-171 revoked tokens", func(t *testing.T) {
			inactive(t, f.Send(t, f.Introspect(f.AccessToken)))
			inactive(t, f.Send(t, f.Introspect(f.RefreshToken)))
		})
		t.Run("BAD-175 a revoked token at userinfo", func(t *testing.T) {
			f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusUnauthorized)
		})
	})
}

// TestUserinfo: who the user is hears the client that asked for it and holds what
// its token is bound to (OpenID Connect Core §5.3).
func TestUserinfo(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		f := k.client(t, s).Authorized(t)
		f.Exchange(t)
		t.Run("BAD-175 without openid", func(t *testing.T) {
			accounts := f.Flow()
			accounts.Scope = "accounts"
			accounts.Push(t).Approve(t, s.Browser(t))
			accounts.Exchange(t)
			answer := accounts.Send(t, accounts.Userinfo(accounts.AccessToken)).Is(t, http.StatusForbidden)
			if challenge := answer.Header.Get("WWW-Authenticate"); !strings.Contains(challenge, `error="insufficient_scope"`) || !strings.Contains(challenge, `scope="openid"`) {
				t.Errorf("RSE-1 the challenge is %s", challenge)
			}
		})
		t.Run("RSE-1 a bad token is challenged in the scheme that it came by", func(t *testing.T) {
			challenge := f.Send(t, f.Userinfo("garbage")).Is(t, http.StatusUnauthorized).Header.Get("WWW-Authenticate")
			want := "Bearer error="
			if f.DPoPKey != nil {
				want = "DPoP error="
			}
			if !strings.HasPrefix(challenge, want) || strings.Contains(challenge, `algs="PS256 ES256`) != (f.DPoPKey != nil) {
				t.Errorf("the challenge is %s", challenge)
			}
		})
		for _, row := range []bad{
			{"BAD-175", "bound to another key", otherKey(f.Client, k.client(t, s))},
			{"BAD-175", "nothing of what it is bound to", rig.All(rig.With(nil), rig.NoProof)},
			{"BAD-175", "the id_token instead", rig.Header("Authorization", "Bearer "+f.IDToken)},
		} {
			t.Run(row.name(), func(t *testing.T) {
				f.Send(t, f.Userinfo(f.AccessToken, row.change)).Is(t, http.StatusUnauthorized)
			})
		}
		if answer := f.Send(t, f.Userinfo(f.AccessToken)).Is(t, http.StatusOK); answer.Text("sub") == "" {
			t.Errorf("userinfo says %s", answer.Body)
		}
	})
}

// wrong is the proof of somebody who has not the client's key.
func wrong(t *testing.T, s *rig.Suite, c *rig.Client) rig.Change {
	t.Helper()
	if c.Method == oauth.AuthPrivateKeyJWT {
		return rig.Signed("ES256", rig.ES256Key().Honest())
	}
	return rig.With(s.Directory().Issue())
}

// otherKey holds what another client's tokens are bound to.
func otherKey(c, other *rig.Client) rig.Change {
	if c.DPoPKey != nil {
		return rig.ProofBy(*other.DPoPKey)
	}
	return rig.With(other.Certificate)
}
