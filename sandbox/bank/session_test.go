package bank

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// TestSessionIDChangesAtLogin is BAD-88: who planted the cookie before the login
// has nothing after it.
func TestSessionIDChangesAtLogin(t *testing.T) {
	s, server := start(t, Config{})
	path, victim, attacker := s.ask("t1"), newBrowser(t, server), newBrowser(t, server)
	attacker.get(path)
	planted := attacker.cookie()
	home := must(url.Parse(server.URL))
	victim.client.Jar.SetCookies(home, []*http.Cookie{{Name: cookieName, Value: planted, Path: "/", Secure: true}})
	victim.logIn(path, "alice")
	if victim.cookie() == planted || victim.cookie() == "" {
		t.Fatal("the login kept the cookie")
	}
	if !attacker.get(path).isLogin() {
		t.Error("the planted cookie is logged in")
	}
	before := victim.cookie()
	victim.logIn(s.ask("t2", withPrompt("login")), "alice")
	attacker.client.Jar.SetCookies(home, []*http.Cookie{{Name: cookieName, Value: before, Path: "/", Secure: true}})
	if !attacker.get(path).isLogin() {
		t.Error("a second login left the first one's cookie alive")
	}
}

func TestCookie(t *testing.T) {
	s, server := start(t, Config{})
	path, b := s.ask("t1"), newBrowser(t, server)
	first := b.get(path)
	for name, page := range map[string]shown{
		"before the login": first,
		"at the login":     b.send(first, "username", "alice", "password", "alice"),
	} {
		t.Run(name, func(t *testing.T) {
			got := page.Header.Values("Set-Cookie")
			if len(got) != 1 || !strings.HasPrefix(got[0], "__Host-bank=") || !strings.HasSuffix(got[0], "; Path=/; HttpOnly; Secure; SameSite=Lax") {
				t.Errorf("Set-Cookie %q", got)
			}
		})
	}
	if again := b.get(path); again.Header.Get("Set-Cookie") != "" {
		t.Error("a known browser gets another cookie")
	}
	for name, value := range map[string]string{"too short": "AAAA", "no base64url": strings.Repeat("!", 43), "empty": ""} {
		t.Run("a cookie that is "+name+" is replaced", func(t *testing.T) {
			b := newBrowser(t, server)
			b.client.Jar.SetCookies(must(url.Parse(server.URL)), []*http.Cookie{{Name: cookieName, Value: value, Path: "/", Secure: true}})
			if b.get(path); len(b.cookie()) != 43 || b.cookie() == value {
				t.Errorf("the cookie is %q", b.cookie())
			}
		})
	}
}

func TestTwoCookiesAreNobody(t *testing.T) {
	s, server := start(t, Config{})
	path, b := s.ask("t1"), newBrowser(t, server)
	b.logIn(path, "alice")
	for name, values := range map[string][]string{
		"the session first": {b.cookie(), string(newBrowserID())},
		"the session last":  {string(newBrowserID()), b.cookie()},
	} {
		request := must(http.NewRequestWithContext(t.Context(), "GET", server.URL+path, nil))
		for _, value := range values {
			request.AddCookie(&http.Cookie{Name: cookieName, Value: value})
		}
		if stranger := (&browser{t, server, server.Client()}); !stranger.do(request).isLogin() {
			t.Errorf("%s of two cookies was taken", name)
		}
	}
}

func TestSessionsAreBounded(t *testing.T) {
	kept := newSessions(time.Hour, 2)
	var ids []browserID
	for i := range 5 {
		ids = append(ids, kept.start("", session{authTime: noon.Add(time.Duration(i) * time.Second)}))
	}
	for i, id := range ids {
		if _, live := kept.live(id, noon.Add(time.Minute)); live != (i >= 3) {
			t.Errorf("login %d lives: %v", i, live)
		}
	}
	for range 100 {
		kept.end(kept.start("", session{authTime: noon}))
	}
	if len(kept.byKey) > 2 || len(kept.order) > 2 {
		t.Errorf("%d logins and %d places are kept", len(kept.byKey), len(kept.order))
	}
	kept.start("", session{authTime: noon.Add(2 * time.Hour)})
	if len(kept.byKey) != 1 {
		t.Errorf("%d logins are kept after all others ended", len(kept.byKey))
	}
}
