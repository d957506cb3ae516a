package authorize_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

func TestRedeem(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		response, err := s.redeem(t, "attempt-1", s.code(t, nil), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := response.GetAuthorization()
		if got.GetClientId() != "client-1" || got.GetSubject() != "alice" || got.GetNonce() != "n-1" || got.GetAuthTime() != start.Unix() ||
			got.GetAcr() != "sca" || !reflect.DeepEqual(got.GetAmr(), []string{"pwd", "otp"}) || !reflect.DeepEqual(got.GetScopes(), []string{"openid", "accounts"}) {
			t.Errorf("%v", got)
		}
		if got.GetAuthorizationId() == "" || strings.Contains(got.GetAuthorizationId(), ".") || got.GetGrantId() == "" || response.GetReplayed() {
			t.Errorf("%v", response)
		}
	})
}

// TestRedeemRefuses: what is wrong spends nothing; the right client can still
// redeem afterwards.
func TestRedeemRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code(t, map[string]string{"dpop_jkt": "key-1"})
		held := func(change func(*authorizev1.RedeemRequest)) func(*authorizev1.RedeemRequest) {
			return func(r *authorizev1.RedeemRequest) {
				r.DpopJkt = "key-1"
				change(r)
			}
		}
		verify := func(text string) func(*authorizev1.RedeemRequest) {
			return held(func(r *authorizev1.RedeemRequest) { r.CodeVerifier = text })
		}
		for _, row := range []struct {
			name   string
			change func(*authorizev1.RedeemRequest)
			rule   string
		}{
			{"another client (BAD-103)", held(func(r *authorizev1.RedeemRequest) { r.ClientId = "client-2" }), "TOK-2"},
			{"no client", held(func(r *authorizev1.RedeemRequest) { r.ClientId = "" }), "TOK-2"},
			{"an unknown code", held(func(r *authorizev1.RedeemRequest) { r.Code = oauth.NewSecret() }), "TOK-2"},
			{"another issuer (BAD-38)", held(func(r *authorizev1.RedeemRequest) { r.Call = s.call(t, s.other, "x") }), "TOK-2"},
			{"another redirect_uri (BAD-108)", held(func(r *authorizev1.RedeemRequest) { r.RedirectUri = "https://good.example/cb" }), "TOK-2"},
			{"no redirect_uri (BAD-108)", held(func(r *authorizev1.RedeemRequest) { r.RedirectUri = "" }), "TOK-2"},
			{"no verifier (BAD-105)", verify(""), "PKCE-1"},
			{"a wrong verifier (BAD-106)", verify(strings.Repeat("a", 43)), "PKCE-1"},
			{"the challenge for a verifier (BAD-106)", verify(challenge), "PKCE-1"},
			{"a verifier of 42 characters (BAD-106)", verify(verifier[:42]), "PKCE-1"},
			{"a verifier of 129 characters (BAD-106)", verify(strings.Repeat("a", 129)), "PKCE-1"},
			{"no key (BAD-142)", func(*authorizev1.RedeemRequest) {}, "DPOP-8"},
			{"another key (BAD-142)", func(r *authorizev1.RedeemRequest) { r.DpopJkt = "key-2" }, "DPOP-8"},
		} {
			t.Run(row.name, func(t *testing.T) {
				response, err := s.redeem(t, oauth.NewID(), code, row.change)
				wantRefused(t, err, oauth.CodeInvalidGrant, row.rule)
				if response.GetAuthorization() != nil {
					t.Errorf("answered %v", response)
				}
			})
		}
		response, err := s.redeem(t, oauth.NewID(), code, held(func(*authorizev1.RedeemRequest) {}))
		if err != nil || response.GetReplayed() {
			t.Errorf("the right one: %v, %v", response, err)
		}
	})
}

// TestCodeExpires is SP2-11 and BAD-101.
func TestCodeExpires(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		first, second := s.code(t, nil), s.code(t, nil)
		s.clock.Advance(time.Minute - time.Millisecond)
		if _, err := s.redeem(t, oauth.NewID(), first, nil); err != nil {
			t.Errorf("before its time: %v", err)
		}
		s.clock.Advance(time.Millisecond)
		_, err := s.redeem(t, oauth.NewID(), second, nil)
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2")
	})
}

// TestReplay is BAD-100 and SP2-29: a second attempt learns which authorization
// to revoke and nothing else; the same attempt gets its answer again.
func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code(t, nil)
		first, err := s.redeem(t, "attempt-1", code, nil)
		if err != nil {
			t.Fatal(err)
		}
		again, err := s.redeem(t, "attempt-1", code, nil)
		if err != nil || !proto.Equal(first, again) {
			t.Errorf("the same attempt: %v, %v", again, err)
		}
		want := &authorizev1.RedeemResponse{
			Authorization: &authorizev1.Authorization{AuthorizationId: first.GetAuthorization().GetAuthorizationId()}, Replayed: true,
		}
		s.clock.Advance(2 * time.Minute) // when the code itself has expired, what it bought may live
		replayed, err := s.redeem(t, "attempt-2", code, nil)
		if err != nil || !proto.Equal(replayed, want) {
			t.Errorf("another attempt: %v, %v", replayed, err)
		}
		_, err = s.redeem(t, "attempt-3", code, func(r *authorizev1.RedeemRequest) { r.ClientId = "client-2" })
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2") // another client cannot have it revoked
	})
}

// TestParallelRedemptions is BAD-102.
func TestParallelRedemptions(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		code := s.code(t, nil)
		var won atomic.Int32
		var group sync.WaitGroup
		for n := range 50 {
			group.Go(func() {
				response, err := s.redeem(t, fmt.Sprint("attempt-", n), code, nil)
				if err != nil {
					t.Error(err)
				} else if !response.GetReplayed() {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	})
}

// TestGrantLives: as long as what was issued under it can live, and until the
// user withdraws it.
func TestGrantLives(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		get := func(name, id string) (*authorizev1.Grant, error) {
			response, err := s.client(rpc.Token).GetGrant(bounded(t), &authorizev1.GetGrantRequest{Call: s.call(t, name, "x"), GrantId: id})
			return response.GetGrant(), err
		}
		given := func() string {
			response, err := s.redeem(t, oauth.NewID(), s.code(t, nil), nil)
			if err != nil {
				t.Fatal(err)
			}
			return response.GetAuthorization().GetGrantId()
		}
		id, withdrawn := given(), given()
		want := &authorizev1.Grant{GrantId: id, ClientId: "client-1", Subject: "alice", Scopes: []string{"openid", "accounts"}, CreatedAt: start.Unix()}
		if got, err := get(s.bank, id); err != nil || !proto.Equal(got, want) {
			t.Errorf("%v, %v", got, err)
		}
		_, err := get(s.other, id)
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2") // BAD-38
		_, err = get(s.bank, "unknown")
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2")
		if _, err := s.app.WithdrawGrant(bounded(t), &interactionv1.WithdrawGrantRequest{Issuer: s.bank, Subject: "alice", GrantId: withdrawn}); err != nil {
			t.Fatal(err)
		}
		_, err = get(s.bank, withdrawn)
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2") // BAD-114
		s.clock.Advance(6*time.Minute - time.Millisecond)    // a code's minute and a token's five
		if _, err := get(s.bank, id); err != nil {
			t.Errorf("before its time: %v", err)
		}
		s.clock.Advance(time.Millisecond)
		_, err = get(s.bank, id)
		wantRefused(t, err, oauth.CodeInvalidGrant, "TOK-2")
	})
}
