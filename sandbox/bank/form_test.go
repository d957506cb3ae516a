package bank

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestCSRF is BAD-85 and BAD-89: a form counts only from the page that this bank
// showed to this browser session for this interaction. Otherwise nothing is
// answered, and nobody is logged in.
func TestCSRF(t *testing.T) {
	s, server := start(t, Config{})
	victim := newBrowser(t, server)
	path := s.ask("t1")
	login := victim.get(path)
	consent := victim.logIn(path, "alice")
	otherTab := victim.get(s.ask("t2"))
	bob := newBrowser(t, server)
	bobs := bob.logIn(path, "bob")
	stranger := newBrowser(t, server)

	with := func(page shown, token string) shown {
		hidden := url.Values{}
		for name := range page.hidden {
			hidden.Set(name, page.hidden.Get(name))
		}
		hidden.Set(fieldCSRF, token)
		page.hidden = hidden
		return page
	}
	without := with(consent, "")
	without.hidden.Del(fieldCSRF)
	tests := []struct {
		name string
		from *browser
		page shown
	}{
		{"no token", victim, without},
		{"an empty token", victim, with(consent, "")},
		{"a made-up token", victim, with(consent, strings.Repeat("A", 43))},
		{"another session's token", victim, with(consent, bobs.hidden.Get(fieldCSRF))},
		{"another interaction's token", victim, with(consent, otherTab.hidden.Get(fieldCSRF))},
		{"the login page's token", victim, with(consent, login.hidden.Get(fieldCSRF))},
		{"a browser without the cookie", stranger, consent},
		{"a login page from before the login", victim, login},
		{"a login page in another browser", bob, login},
	}
	for _, test := range tests {
		for _, button := range []string{"approve", "deny", "login", "switch"} {
			t.Run(test.name+": "+button, func(t *testing.T) {
				got := test.from.send(test.page, "username", "bob", "password", "bob", button, "yes")
				wantError(t, got, http.StatusForbidden, "invalid_request")
				if s.answer("t1") != nil || s.answer("t2") != nil || got.Header.Get("Set-Cookie") != "" {
					t.Error("it had an effect")
				}
			})
		}
	}
	wantBack(t, victim.send(consent, "approve", "yes"), "t1")
}

func TestFormsAreReadStrictly(t *testing.T) {
	s, server := start(t, Config{})
	b := newBrowser(t, server)
	page := b.logIn(s.ask("t1"), "alice")
	good := page.hidden.Encode() + "&approve=yes"
	form := "application/x-www-form-urlencoded"
	tests := []struct {
		name, path, contentType, body string
		want                          int
	}{
		{"JSON", consentPath, "application/json", `{}`, 415},
		{"no content type", consentPath, "", good, 415},
		{"WIRE-1 fields in the query", consentPath + "?" + good, form, "", 400},
		{"WIRE-2 a field twice", consentPath, form, good + "&csrf=x", 400},
		{"a broken escape", consentPath, form, good + "&%zz=1", 400},
		{"WIRE-6 beyond 16 KiB", consentPath, form, good + "&pad=" + strings.Repeat("a", maxForm), 413},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			request := must(http.NewRequestWithContext(t.Context(), "POST", server.URL+test.path, strings.NewReader(test.body)))
			if test.contentType != "" {
				request.Header.Set("Content-Type", test.contentType)
			}
			wantError(t, b.do(request), test.want, "invalid_request")
			if s.answer("t1") != nil {
				t.Error("it was answered")
			}
		})
	}
}

func TestLoginThatEndedMeanwhileIsAskedForAgain(t *testing.T) {
	s, server := start(t, Config{SessionLifetime: time.Minute})
	path, b := s.ask("t1"), newBrowser(t, server)
	page := b.logIn(path, "alice")
	s.clock.Advance(time.Minute)
	got := b.send(page, "approve", "yes")
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != path || s.answer("t1") != nil {
		t.Errorf("status %d to %q", got.StatusCode, got.Header.Get("Location"))
	}
	wantBack(t, b.send(b.logIn(path, "alice"), "approve", "yes"), "t1")
}

// TestPromptLoginCannotBeSkipped: a live session is shown the login page, and sends
// its token as if it came from the consent page.
func TestPromptLoginCannotBeSkipped(t *testing.T) {
	s, server := start(t, Config{})
	b := newBrowser(t, server)
	b.logIn(s.ask("t1"), "alice")
	page := b.get(s.ask("t2", withPrompt("login")))
	if !page.isLogin() {
		t.Fatal(page.body)
	}
	page.action = consentPath
	wantError(t, b.send(page, "approve", "yes"), http.StatusForbidden, "invalid_request")
	if s.answer("t2") != nil {
		t.Error("it was answered without a login")
	}
}
