package authorize_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// TestComplete is the authorization response of AZ-3: code, iss and the state
// verbatim, behind the redirect_uri's own query.
func TestComplete(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		for _, state := range []string{`s"\ ~`, "", strings.Repeat("x", 1500)} {
			b := s.begin(t, s.push(map[string]string{"state": state}))
			s.clock.Advance(2 * time.Minute) // longer than a request_uri lives
			reply, err := b.complete(t, oauth.NewID(), b.approve(t))
			if err != nil {
				t.Fatal(err)
			}
			params := query(t, reply.GetLocation())
			if !strings.HasPrefix(reply.GetLocation(), redirectURI+"&") || params.Get("iss") != "https://as.example/"+s.bank || len(params.Get("code")) != 43 {
				t.Errorf("it is sent to %s", reply.GetLocation())
			}
			if params.Get("state") != state || params.Has("state") != (state != "") || params.Has("error") {
				t.Errorf("it is sent to %s", reply.GetLocation())
			}
			for name := range b.cookies {
				if len(reply.GetSetCookies()) != 1 || reply.GetSetCookies()[0].GetName() != name || reply.GetSetCookies()[0].GetMaxAge() >= 0 {
					t.Errorf("the cookie stays: %v", reply.GetSetCookies())
				}
			}
		}
	})
}

// TestRefusals: what a user refuses reaches the client in the words of OAuth
// (AZ-2, AZ-4), and burns the request all the same.
func TestRefusals(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		for reason, code := range map[interactionv1.Refusal_Reason]string{
			interactionv1.Refusal_REASON_ACCESS_DENIED:                     "access_denied",
			interactionv1.Refusal_REASON_LOGIN_REQUIRED:                    "login_required",
			interactionv1.Refusal_REASON_CONSENT_REQUIRED:                  "consent_required",
			interactionv1.Refusal_REASON_INTERACTION_REQUIRED:              "interaction_required",
			interactionv1.Refusal_REASON_UNMET_AUTHENTICATION_REQUIREMENTS: "unmet_authentication_requirements",
			interactionv1.Refusal_REASON_TEMPORARILY_UNAVAILABLE:           "temporarily_unavailable",
		} {
			t.Run(code, func(t *testing.T) {
				uri := s.push(nil)
				b := s.begin(t, uri)
				handle, err := b.answer(t, reason)
				if err != nil {
					t.Fatal(err)
				}
				reply, err := b.complete(t, oauth.NewID(), handle)
				if err != nil {
					t.Fatal(err)
				}
				params := query(t, reply.GetLocation())
				if params.Get("error") != code || params.Get("iss") != "https://as.example/"+s.bank || params.Get("state") != `s"\ ~` || params.Has("code") {
					t.Errorf("it is sent to %s", reply.GetLocation())
				}
				_, err = s.beginWith(t, s.bank, map[string]string{"client_id": "client-1", "request_uri": uri})
				wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5")
			})
		}
	})
}

// TestWayBack: only the browser that began, with the handle that the bank gave
// to the browser that answered, goes on. Whoever lacks one of them burns
// nothing, and is not told either how it ended.
func TestWayBack(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b, stranger := s.begin(t, s.push(nil)), s.begin(t, s.push(nil))
		if _, err := b.complete(t, oauth.NewID(), b.ticket); err == nil {
			t.Error("it goes on before anything was answered (BAD-99)")
		}
		handle := b.approve(t)
		id, secret, _ := strings.Cut(handle, ".")
		fixed := map[string]string{}
		for name := range b.cookies {
			fixed[name] = "chosen by the attacker"
		}
		rows := []struct {
			name    string
			cookies map[string]string
			handle  string
		}{
			{"another browser (BAD-87)", stranger.cookies, handle},
			{"no cookie (BAD-87)", nil, handle},
			{"a planted cookie (BAD-88)", fixed, handle},
			{"the browser that began, without the handle (BAD-99)", b.cookies, ""},
			{"its ticket for a handle (BAD-99)", b.cookies, b.ticket},
			{"a guessed handle", b.cookies, id + "." + oauth.NewSecret()},
			{"another session's handle", b.cookies, stranger.approve(t)},
			{"half a handle", b.cookies, id},
			{"half a handle and a dot", b.cookies, id + "."},
			{"something behind", b.cookies, handle + "x"},
			{"turned round", b.cookies, secret + "." + id},
		}
		for _, when := range []string{"", " once the flow has ended"} {
			for _, row := range rows {
				t.Run(row.name+when, func(t *testing.T) {
					reply, err := browser{s, "", row.cookies}.complete(t, oauth.NewID(), row.handle)
					wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
					if reply.GetLocation() != "" {
						t.Errorf("the browser is sent to %s", reply.GetLocation())
					}
				})
			}
			if _, err := b.complete(t, oauth.NewID(), handle); err != nil {
				t.Errorf("the right one%s: %v", when, err)
			}
		}
	})
}

// TestTwoTabs is BAD-89: a browser holds the cookies of two flows, and each
// handle ends the flow that it belongs to.
func TestTwoTabs(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		one, two := s.begin(t, s.push(map[string]string{"state": "one"})), s.begin(t, s.push(map[string]string{"state": "two"}))
		cookies := maps.Clone(one.cookies)
		maps.Copy(cookies, two.cookies)
		for state, handle := range map[string]string{"two": two.approve(t), "one": one.approve(t)} {
			reply, err := browser{s, "", cookies}.complete(t, oauth.NewID(), handle)
			if err != nil || query(t, reply.GetLocation()).Get("state") != state {
				t.Errorf("%s: %v, %v", state, reply, err)
			}
		}
	})
}

// TestCompleteOnce is BAD-86: a browser that was not told how its flow ended is told
// again, the same code until it is spent, which buys one authorization.
func TestCompleteOnce(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		var told []string
		for _, attempt := range []string{"attempt-1", "attempt-2", "attempt-1"} {
			reply, err := b.complete(t, attempt, handle)
			if err != nil {
				t.Fatal(err)
			}
			for name := range b.cookies {
				if len(reply.GetSetCookies()) != 1 || reply.GetSetCookies()[0].GetName() != name || reply.GetSetCookies()[0].GetMaxAge() >= 0 {
					t.Errorf("the cookie stays: %v", reply.GetSetCookies())
				}
			}
			told = append(told, reply.GetLocation())
		}
		if told[0] != told[1] || told[0] != told[2] {
			t.Errorf("an answer leads to %q", told)
		}
		b.spentOnce(t, query(t, told[0]).Get("code"))
		for _, attempt := range []string{"attempt-1", "attempt-3"} {
			_, err := b.complete(t, attempt, handle)
			wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
		}
	})
}

// TestOneRequestOneGrant is SP2-35: a request that was opened twice is used up
// by whoever completes first.
func TestOneRequestOneGrant(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		uri := s.push(nil)
		first, second := s.begin(t, uri), s.begin(t, uri)
		one, two := first.approve(t), second.approve(t)
		if _, err := second.complete(t, oauth.NewID(), two); err != nil {
			t.Fatal(err)
		}
		_, err := first.complete(t, oauth.NewID(), one)
		wantRefused(t, err, oauth.CodeInvalidRequestURI, "PAR-5")
	})
}

func TestSessionExpires(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b, late := s.begin(t, s.push(nil)), s.begin(t, s.push(nil))
		handle, lateHandle := b.approve(t), late.approve(t)
		s.clock.Advance(10*time.Minute - time.Millisecond)
		if _, err := b.complete(t, oauth.NewID(), handle); err != nil {
			t.Errorf("before its time: %v", err)
		}
		s.clock.Advance(time.Millisecond)
		_, err := late.complete(t, oauth.NewID(), lateHandle)
		wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6")
	})
}

func TestCompleteAtAnotherIssuer(t *testing.T) {
	each(t, func(t *testing.T, s *suite) {
		b := s.begin(t, s.push(nil))
		handle := b.approve(t)
		elsewhere := *s
		elsewhere.bank = s.other
		_, err := browser{&elsewhere, "", b.cookies}.complete(t, oauth.NewID(), handle)
		wantRefused(t, err, oauth.CodeInvalidRequest, "AZ-6") // BAD-38
	})
}
