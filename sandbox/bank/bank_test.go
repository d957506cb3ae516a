package bank

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

func wantRefusal(t *testing.T, s *suite, ticket string, reason interactionv1.Refusal_Reason) {
	t.Helper()
	if got := s.answer(ticket).GetRefusal(); got.GetReason() != reason {
		t.Errorf("answered %v, want %v", s.answer(ticket), reason)
	}
}

func TestLoginAndApprove(t *testing.T) {
	for _, user := range []struct{ name, subject string }{{"alice", "user-alice-5f0c9e"}, {"bob", "user-bob-b27d41"}} {
		t.Run(user.name, func(t *testing.T) {
			s, server := start(t, Config{})
			path, b := s.ask("t1"), newBrowser(t, server)
			page := b.get(path)
			if page.StatusCode != 200 || !page.isLogin() || page.isConsent() || !strings.Contains(page.body, "Example App") {
				t.Fatalf("status %d: %s", page.StatusCode, page.body)
			}
			page = b.logIn(path, user.name)
			if page.StatusCode != 200 || !page.isConsent() || page.isLogin() {
				t.Fatalf("status %d: %s", page.StatusCode, page.body)
			}
			if !hasAll(page.body, "Example App", "client-7Qm2", "<dd>"+user.name+"</dd>", "12:10 UTC",
				"Know who you are", "<code>openid</code>", "See your accounts and their balances", "<code>accounts</code>") {
				t.Errorf("the page does not tell what is decided: %s", page.body)
			}
			s.clock.Advance(time.Minute)
			wantBack(t, b.send(page, "approve", "yes"), "t1")
			want := &interactionv1.Approval{Subject: user.subject, AuthTime: noon.Unix(), Acr: "urn:strongroom:acr:pwd",
				Amr: []string{"pwd"}, Scopes: []string{"openid", "accounts"}}
			if got := s.answer("t1").GetApproval(); !proto.Equal(got, want) || s.answer("t1").GetIssuer() != "fapi2" {
				t.Errorf("answered %v, want %v", got, want)
			}
		})
	}
}

func TestACRIsConfiguration(t *testing.T) {
	s, server := start(t, Config{ACR: "urn:example:loa2"})
	b := newBrowser(t, server)
	wantBack(t, b.send(b.logIn(s.ask("t1"), "alice"), "approve", "yes"), "t1")
	if got := s.answer("t1").GetApproval().GetAcr(); got != "urn:example:loa2" {
		t.Errorf("acr %q", got)
	}
}

func TestDeny(t *testing.T) {
	s, server := start(t, Config{})
	b := newBrowser(t, server)
	wantBack(t, b.send(b.get(s.ask("login")), "username", "", "password", "", "deny", "yes"), "login")
	wantRefusal(t, s, "login", interactionv1.Refusal_REASON_ACCESS_DENIED)

	wantBack(t, b.send(b.logIn(s.ask("consent"), "alice"), "deny", "yes"), "consent")
	wantRefusal(t, s, "consent", interactionv1.Refusal_REASON_ACCESS_DENIED)

	wantBack(t, b.send(b.get(s.ask("both")), "approve", "yes", "deny", "yes"), "both")
	wantRefusal(t, s, "both", interactionv1.Refusal_REASON_ACCESS_DENIED)
}

func TestWrongPassword(t *testing.T) {
	tests := []struct{ name, username, password string }{
		{"another password", "alice", "bob"},
		{"no password", "alice", ""},
		{"nobody by that name", "mallory", "mallory"},
		{"another case", "Alice", "alice"},
		{"no name", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, server := start(t, Config{})
			path, b := s.ask("t1"), newBrowser(t, server)
			page := b.send(b.get(path), "username", test.username, "password", test.password, "login", "yes")
			if page.StatusCode != http.StatusUnauthorized || !page.isLogin() || !strings.Contains(page.body, `role="alert"`) {
				t.Fatalf("status %d: %s", page.StatusCode, page.body)
			}
			if !b.get(path).isLogin() || s.answer("t1") != nil {
				t.Error("somebody is logged in, or something was answered")
			}
			if next := b.send(page, "username", "alice", "password", "alice"); next.StatusCode != http.StatusSeeOther {
				t.Errorf("the second try answered %d", next.StatusCode)
			}
		})
	}
}

func TestWhenALoginIsNeeded(t *testing.T) {
	tests := []struct {
		name   string
		change func(*interactionv1.Interaction)
		after  time.Duration // since the login
		want   bool
	}{
		{"a live session skips the login page", func(*interactionv1.Interaction) {}, 29 * time.Minute, false},
		{"a session ends after 30 minutes", func(*interactionv1.Interaction) {}, 30 * time.Minute, true},
		{"BAD-92 prompt=login", withPrompt("login"), time.Minute, true},
		{"prompt=select_account", withPrompt("select_account"), time.Minute, true},
		{"prompt=consent", withPrompt("consent"), time.Minute, false},
		{"max_age not exceeded", withMaxAge(60), time.Minute, false},
		{"BAD-92 max_age exceeded", withMaxAge(59), time.Minute, true},
		{"max_age=0", withMaxAge(0), time.Second, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, server := start(t, Config{})
			b := newBrowser(t, server)
			b.logIn(s.ask("first"), "alice")
			s.clock.Advance(test.after)
			second := s.ask("second", test.change)
			if page := b.get(second); page.isLogin() != test.want || page.isConsent() == test.want {
				t.Fatalf("login page: %v, want %v", page.isLogin(), test.want)
			}
			if !test.want {
				return
			}
			page := b.logIn(second, "bob")
			s.clock.Advance(2 * time.Minute) // a user may think longer than max_age
			if !b.get(second).isConsent() {
				t.Error("a login made for this interaction is asked for again")
			}
			wantBack(t, b.send(page, "approve", "yes"), "second")
			approval := s.answer("second").GetApproval()
			if approval.GetSubject() != "user-bob-b27d41" || approval.GetAuthTime() != noon.Add(test.after).Unix() {
				t.Errorf("answered %v", approval)
			}
		})
	}
}

func TestPromptNone(t *testing.T) {
	s, server := start(t, Config{})
	b := newBrowser(t, server)
	wantBack(t, b.get(s.ask("nobody", withPrompt("none"))), "nobody")
	wantRefusal(t, s, "nobody", interactionv1.Refusal_REASON_LOGIN_REQUIRED)

	b.logIn(s.ask("t1"), "alice")
	s.clock.Advance(time.Minute)
	wantBack(t, b.get(s.ask("somebody", withPrompt("none"))), "somebody")
	wantRefusal(t, s, "somebody", interactionv1.Refusal_REASON_CONSENT_REQUIRED)

	wantBack(t, b.get(s.ask("old", withPrompt("none"), withMaxAge(1))), "old")
	wantRefusal(t, s, "old", interactionv1.Refusal_REASON_LOGIN_REQUIRED)
}

func TestLoginHintIsFilledIn(t *testing.T) {
	s, server := start(t, Config{})
	page := newBrowser(t, server).get(s.ask("t1", func(i *interactionv1.Interaction) { i.LoginHint = `bob"><script>` }))
	if !strings.Contains(page.body, `value="bob&#34;&gt;&lt;script&gt;"`) {
		t.Error(page.body)
	}
}

func TestSwitchUser(t *testing.T) {
	s, server := start(t, Config{})
	path, b := s.ask("t1"), newBrowser(t, server)
	page := b.logIn(path, "alice")
	if back := b.send(page, "switch", "yes"); back.StatusCode != http.StatusSeeOther || back.Header.Get("Location") != path {
		t.Fatalf("status %d to %q", back.StatusCode, back.Header.Get("Location"))
	}
	if !b.get(path).isLogin() {
		t.Error("alice is still logged in")
	}
	wantBack(t, b.send(b.logIn(path, "bob"), "approve", "yes"), "t1")
	if got := s.answer("t1").GetApproval().GetSubject(); got != "user-bob-b27d41" {
		t.Errorf("answered for %s", got)
	}
}

// TestDoubleSubmit is BAD-86: the back button and a second press lead the same way
// back, another decision leads to an error page, and the first answer stands.
func TestDoubleSubmit(t *testing.T) {
	s, server := start(t, Config{})
	path, b := s.ask("t1"), newBrowser(t, server)
	page := b.logIn(path, "alice")
	wantBack(t, b.send(page, "approve", "yes"), "t1")
	s.clock.Advance(time.Minute)
	wantBack(t, b.send(page, "approve", "yes"), "t1")
	wantBack(t, b.send(b.get(path), "approve", "yes"), "t1")
	wantError(t, b.send(page, "deny", "yes"), 400, "invalid_request")
	if s.answer("t1").GetApproval() == nil {
		t.Error("the first answer was replaced")
	}
}

func TestErrorPages(t *testing.T) {
	s, server := start(t, Config{})
	b := newBrowser(t, server)
	old := s.ask("old")
	consent := b.logIn(old, "alice")
	s.clock.Advance(10 * time.Minute)
	open := s.ask("open")
	tests := []struct {
		name string
		page shown
		want int
	}{
		{"unknown ticket", b.get("/interactions?issuer=fapi2&ticket=nothing"), 400},
		{"ticket of another issuer", b.get("/interactions?issuer=fapi2-nonce&ticket=open"), 400},
		{"expired ticket", b.get(old), 400},
		{"approval of an expired ticket", b.send(consent, "approve", "yes"), 400},
		{"no ticket", b.get("/interactions?issuer=fapi2"), 400},
		{"no issuer", b.get("/interactions?ticket=open"), 400},
		{"WIRE-2 two tickets", b.get(open + "&ticket=other"), 400},
		{"a ticket with a space", b.get("/interactions?issuer=fapi2&ticket=a+b"), 400},
		{"a ticket beyond any length", b.get("/interactions?issuer=fapi2&ticket=" + strings.Repeat("a", 513)), 400},
		{"a consent without a decision", b.send(b.get(open)), 400},
		{"unknown page", b.get("/"), 404},
		{"BAD-82 another spelling is not redirected", b.get("//interactions?issuer=fapi2&ticket=open"), 404},
		{"reload of a posted page", b.get("/interactions/login"), 405},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantError(t, test.page, test.want, "invalid_request") })
	}
	if s.answer("open") != nil || s.answer("old") != nil {
		t.Error("something was answered")
	}
	if head := b.do(must(http.NewRequestWithContext(t.Context(), "HEAD", server.URL+open, nil))); head.StatusCode != 405 || head.Header.Get("Allow") != "GET" {
		t.Errorf("HEAD answers %d, Allow %q", head.StatusCode, head.Header.Get("Allow"))
	}
	if health := b.get("/healthz"); health.StatusCode != http.StatusNoContent {
		t.Errorf("healthz answers %d", health.StatusCode)
	}
}

func TestInteractionAPIFails(t *testing.T) {
	tests := []struct {
		name       string
		fault      codes.Code
		httpStatus int
		code       string
	}{
		{"unavailable", codes.Unavailable, 503, "temporarily_unavailable"},
		{"too late", codes.DeadlineExceeded, 503, "temporarily_unavailable"},
		{"the bank may not ask", codes.PermissionDenied, 500, "server_error"},
		{"broken", codes.Internal, 500, "server_error"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, server := start(t, Config{})
			path, b := s.ask("t1"), newBrowser(t, server)
			consent := b.logIn(path, "alice")
			s.fail(status.Error(test.fault, "secret cause"))
			for _, page := range []shown{b.get(path), b.send(consent, "approve", "yes"), b.send(consent, "deny", "yes")} {
				wantError(t, page, test.httpStatus, test.code)
				if strings.Contains(page.body, "secret cause") || (page.Header.Get("Retry-After") == "1") != (test.httpStatus == 503) {
					t.Errorf("Retry-After %q: %s", page.Header.Get("Retry-After"), page.body)
				}
			}
			s.fail(nil)
			wantBack(t, b.send(consent, "approve", "yes"), "t1")
		})
	}
}
