package e2e

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestRedirectsAre303: a browser repeats no form, and so no password, on its way
// (BAD-82, SP2-30). The rig's browser checks each redirect; here the one after the login.
func TestRedirectsAre303(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	login := b.Follow(t, b.Get(t, f.URL()))
	for name, page := range map[string]*rig.Page{
		"BAD-82 at the beginning": b.Get(t, f.URL()),
		"BAD-82 after the login":  b.Press(t, login, "login", "username", "alice", "password", "alice"),
		"BAD-82 after a consent":  b.Press(t, f.Consent(t, b), "approve"),
	} {
		t.Run(name, func(t *testing.T) { page.Is(t, http.StatusSeeOther) })
	}
}

// TestConsentForm: the bank's form decides for the browser that was shown it, on
// what it showed (BAD-85).
func TestConsentForm(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	page := f.Consent(t, b)
	theirs := s.Client(t).Flow().Push(t).Consent(t, s.Browser(t)).Form("approve").Get("csrf")
	for name, csrf := range map[string][]string{
		"BAD-85 no CSRF token":              nil,
		"BAD-85 an empty one":               {""},
		"BAD-85 that of another session":    {theirs},
		"BAD-85 two, of which one is right": {page.Form("approve").Get("csrf"), theirs},
	} {
		t.Run(name, func(t *testing.T) {
			form := page.Form("approve")
			form["csrf"] = csrf
			answer := b.Post(t, page.Action(t), form)
			want := http.StatusForbidden
			if len(csrf) > 1 {
				want = http.StatusBadRequest // a repeated field makes the form unreadable
			}
			if answer.Is(t, want).Header.Get("Location") != "" {
				t.Error("the form led somewhere")
			}
		})
	}
	f.Answer(t, b.Follow(t, b.Press(t, page, "approve"))) // the right form still works
}

// TestConsentIsGivenOnce: pressing twice, going back or reloading gives no second
// code, and changes nothing that was decided (BAD-86).
func TestConsentIsGivenOnce(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		f, b := s.Client(t).Flow().Push(t), s.Browser(t)
		consent := f.Consent(t, b)
		back := b.Press(t, consent, "approve")
		t.Run("BAD-86 pressed twice", func(t *testing.T) {
			if again := b.Press(t, consent, "approve").Header.Get("Location"); again == "" || again != back.Header.Get("Location") {
				t.Errorf("the second leads to %q", again)
			}
		})
		t.Run("BAD-86 pressed otherwise", func(t *testing.T) {
			b.Press(t, consent, "deny").Refused(t, oauth.CodeInvalidRequest)
		})
		f.Answer(t, b.Follow(t, back))
		t.Run("BAD-86 pressed again after completion", func(t *testing.T) {
			b.Press(t, consent, "approve").Refused(t, oauth.CodeInvalidRequest)
		})
		t.Run("BAD-86 the page reloaded after completion", func(t *testing.T) {
			b.Get(t, consent.URL.String()).Refused(t, oauth.CodeInvalidRequest)
		})
		t.Run("BAD-86 the way back taken again", func(t *testing.T) {
			b.Get(t, back.Header.Get("Location")).Refused(t, oauth.CodeInvalidRequest)
		})
		f.Exchange(t) // the one code is good
	})
}

// TestAnotherBrowser: a flow goes on only in the browser that began it.
func TestAnotherBrowser(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		t.Run("BAD-87 the way back opened in another browser", func(t *testing.T) {
			f, first, second := s.Client(t).Flow().Push(t), s.Browser(t), s.Browser(t)
			back := first.Press(t, f.Consent(t, first), "approve").Header.Get("Location")
			second.Get(t, back).Refused(t, oauth.CodeInvalidRequest)
			f.Answer(t, first.Follow(t, first.Get(t, back))) // and the first one is not harmed
		})
		t.Run("BAD-87 a browser that has a session of its own", func(t *testing.T) {
			f, first, second := s.Client(t).Flow().Push(t), s.Browser(t), s.Browser(t)
			second.Get(t, f.URL())
			back := first.Press(t, f.Consent(t, first), "approve").Header.Get("Location")
			second.Get(t, back).Refused(t, oauth.CodeInvalidRequest)
		})
		t.Run("BAD-99 an interaction that an attacker began and the victim approved", func(t *testing.T) {
			f, attacker, victim := s.Client(t).Flow().Push(t), s.Browser(t), s.Browser(t)
			mailed := attacker.Get(t, f.URL()).Header.Get("Location")
			page := victim.Follow(t, victim.Get(t, mailed))
			page = victim.Follow(t, victim.Press(t, page, "login", "username", "alice", "password", "alice"))
			victim.Follow(t, victim.Press(t, page, "approve")).Refused(t, oauth.CodeInvalidRequest)
			page = attacker.Follow(t, attacker.Get(t, mailed))
			page = attacker.Follow(t, attacker.Press(t, page, "login", "username", "bob", "password", "bob"))
			attacker.Press(t, page, "approve").Refused(t, oauth.CodeInvalidRequest) // bob did not decide
			attacker.Get(t, f.Endpoint()+"/return?handle=").Refused(t, oauth.CodeInvalidRequest)
			ticket, err := url.Parse(mailed)
			if err != nil {
				t.Fatal(err)
			}
			attacker.Get(t, f.Endpoint()+"/return?"+url.Values{"handle": {ticket.Query().Get("ticket")}}.Encode()).Refused(t, oauth.CodeInvalidRequest)
		})
	})
}

// TestSessionFixation: whoever planted a cookie before the login has nothing
// after it (BAD-88).
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	pages, cookie := s.Layout.URL(layout.BankPages), "__Host-bank"
	f, attacker := s.Client(t).Flow().Push(t), s.Browser(t)
	attacker.Follow(t, attacker.Get(t, f.URL()))
	planted := attacker.Cookie(t, pages, cookie)
	if planted == "" {
		t.Fatalf("the bank set no cookie %s", cookie)
	}
	victim := s.Browser(t)
	victim.Plant(t, pages, cookie, planted)
	f.Consent(t, victim)
	if victim.Cookie(t, pages, cookie) == planted {
		t.Error("BAD-88 the session's id did not change at login")
	}
	if page := attacker.Follow(t, attacker.Get(t, f.URL())); !page.Has("login") {
		t.Error("BAD-88 the planted cookie is logged in")
	}
}

// TestTwoTabs: a decision is about the request that the page showed (BAD-89).
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	b, shown, hidden := s.Browser(t), s.Client(t).Flow().Push(t), s.Client(t).Flow().Push(t)
	page, other := shown.Consent(t, b), hidden.Consent(t, b)
	t.Run("BAD-89 the form of one tab with the ticket of the other", func(t *testing.T) {
		form := page.Form("approve")
		form.Set("ticket", other.Form("approve").Get("ticket"))
		b.Post(t, page.Action(t), form).Is(t, http.StatusForbidden)
	})
	t.Run("BAD-89 each tab goes to its own client", func(t *testing.T) {
		hidden.Answer(t, b.Follow(t, b.Press(t, other, "deny")))
		if hidden.Code != "" {
			t.Error("the denied client has a code")
		}
		shown.Answer(t, b.Follow(t, b.Press(t, page, "approve")))
		shown.Exchange(t)
	})
}

// TestErrorResponses: what the client is told by redirect names its issuer, so
// that a mix-up shows (BAD-91, SP2-27: RFC 9207 §2), and returns its state.
func TestErrorResponses(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t)
		for _, row := range []struct {
			id, why string
			change  rig.Change
			code    string
			decide  func(t *testing.T, f *rig.Flow, b *rig.Browser) *rig.Page
		}{
			{"BAD-90", "the user denies", rig.All(), oauth.CodeAccessDenied, func(t *testing.T, f *rig.Flow, b *rig.Browser) *rig.Page {
				return b.Press(t, f.Consent(t, b), "deny")
			}},
			{"BAD-90", "the user leaves at the login", rig.All(), oauth.CodeAccessDenied, func(t *testing.T, f *rig.Flow, b *rig.Browser) *rig.Page {
				return b.Press(t, b.Follow(t, b.Get(t, f.URL())), "deny")
			}},
			{"BAD-91", "nobody is logged in and nothing may be shown", rig.Param("prompt", "none"), oauth.CodeLoginRequired, func(t *testing.T, f *rig.Flow, b *rig.Browser) *rig.Page {
				return b.Get(t, f.URL())
			}},
			{"BAD-91", "consent is needed and nothing may be shown", rig.Param("prompt", "none"), oauth.CodeConsentRequired, func(t *testing.T, f *rig.Flow, b *rig.Browser) *rig.Page {
				c.Flow().Push(t).Approve(t, b)
				return b.Get(t, f.URL())
			}},
		} {
			t.Run(row.id+" "+row.why, func(t *testing.T) {
				f, b := c.Flow().Push(t, row.change), s.Browser(t)
				decided := b.Follow(t, row.decide(t, f, b))
				answer := f.Answer(t, decided) // checks state and iss
				if answer.Get("error") != row.code || answer.Has("code") {
					t.Errorf("the client is told %v, want %s", answer, row.code)
				}
				b.Get(t, f.URL()).Refused(t, oauth.CodeInvalidRequestURI) // decided is decided
			})
		}
	})
}
