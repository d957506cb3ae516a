package bank

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// TestHeaders is AZ-5 and BAD-84 on every answer, also on redirects and refusals.
func TestHeaders(t *testing.T) {
	s, server := start(t, Config{})
	path, b := s.ask("t1"), newBrowser(t, server)
	login := b.get(path)
	wrong := b.send(login, "username", "alice", "password", "x")
	consent := b.logIn(path, "alice")
	const back = "form-action 'self' https://localhost:9443 https://client.example;"
	tests := []struct {
		name       string
		page       shown
		formAction string
	}{
		{"login page", login, back},
		{"login page after a wrong password", wrong, back},
		{"consent page", consent, back},
		{"the way back", b.send(consent, "approve", "yes"), "form-action 'none';"},
		{"the way back without a page", b.get(s.ask("t2", withPrompt("none"))), "form-action 'none';"},
		{"closed", b.get("/interactions?issuer=fapi2&ticket=nothing"), "form-action 'none';"},
		{"form of another session", newBrowser(t, server).send(login), "form-action 'none';"},
		{"404", b.get("/x"), "form-action 'none';"},
		{"405", b.get(loginPath), "form-action 'none';"},
		{"health", b.get("/healthz"), "form-action 'none';"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, want := range map[string]string{
				"X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
				"X-Content-Type-Options": "nosniff", "Strict-Transport-Security": "max-age=300",
			} {
				if got := test.page.Header.Values(name); len(got) != 1 || got[0] != want {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
			}
			policy := test.page.Header.Get("Content-Security-Policy")
			if !hasAll(policy, "default-src 'none';", test.formAction, "frame-ancestors 'none';", "base-uri 'none'") {
				t.Errorf("policy %q", policy)
			}
			if test.page.body == "" {
				return
			}
			if kind := test.page.Header.Get("Content-Type"); kind != "text/html; charset=utf-8" {
				t.Errorf("Content-Type %q", kind)
			}
			_, rest, _ := strings.Cut(test.page.body, "<style>")
			style, _, _ := strings.Cut(rest, "</style>")
			hash := sha256.Sum256([]byte(style))
			if !strings.Contains(policy, "style-src 'sha256-"+base64.StdEncoding.EncodeToString(hash[:])+"';") {
				t.Error("the policy does not admit the page's own style")
			}
			if !hasAll(test.page.body, `<html lang="en">`, "<h1") || strings.Contains(test.page.body, "<script") || strings.Contains(style, "url(") {
				t.Error(test.page.body)
			}
		})
	}
	for _, header := range []string{"Access-Control-Allow-Origin", "Server"} {
		if got := login.Header.Get(header); got != "" {
			t.Errorf("%s: %q", header, got)
		}
	}
}

func TestReturnOriginsCannotWidenThePolicy(t *testing.T) {
	origins := []string{"https://a.example", "http://127.0.0.1:49152", "https://b.example; script-src *", "https://c.example https://d.example",
		"*", "https://*.example", "https:", "https://", "data:x", "https://e.example/path", "'unsafe-inline'", "", "https://f.example,g"}
	if got, want := formAction(origins), "'self' https://a.example http://127.0.0.1:49152"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestHostileClient is BAD-94: what a client registered is text on the bank's page.
func TestHostileClient(t *testing.T) {
	tests := []struct{ name, registered, shown string }{
		{"markup", `<script>alert(1)</script>`, `&lt;script&gt;alert(1)&lt;/script&gt;`},
		{"an attribute", `" onfocus="x`, `&#34; onfocus=&#34;x`},
		{"a template", `{{.CSRF}}`, `{{.CSRF}}`},
		{"bidi override", "app\u202egro.knab", "appgro.knab"},
		{"bidi isolates", "\u2066a\u2069\u200fb\u061cc", "abc"},
		{"controls and lines", "Your\r\n\tbank\u2028says\x00\x1b[1m:", "Your bank says[1m:"},
		{"zero width", "Har\u200bbour\ufeff\u00ad", "Harbour"},
		{"fillers", "a\u3164b\u115fc\ufe0f", "abc"},
		{"piled marks", "e" + strings.Repeat("\u0301", 50), "e\u0301\u0301\u0301"},
		{"a mark on nothing", "\u0301a", "a"},
		{"tags", "a\U000e0041\U000e0042", "a"},
		{"10 kB", strings.Repeat("a", 10_000), strings.Repeat("a", 60) + "…"},
		{"no UTF-8 cut in two", strings.Repeat("é", 61), strings.Repeat("é", 60) + "…"},
		{"60 characters", strings.Repeat("a", 60), strings.Repeat("a", 60)},
		{"nothing to see", "\u200b \u202e", "client-7Qm2"},
		{"other scripts", "東京銀行 بنك Банк", "東京銀行 بنك Банк"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, server := start(t, Config{})
			b := newBrowser(t, server)
			path := s.ask("t1", func(i *interactionv1.Interaction) { i.Client.ClientName = test.registered })
			for _, page := range []shown{b.get(path), b.logIn(path, "alice")} {
				if !strings.Contains(page.body, "<bdi>"+test.shown+"</bdi>") {
					t.Errorf("want %q: %s", test.shown, page.body)
				}
				if strings.Contains(page.body, "<script") || page.StatusCode != http.StatusOK {
					t.Error("markup went through")
				}
			}
		})
	}
}

func TestHostileScopes(t *testing.T) {
	s, server := start(t, Config{})
	page := newBrowser(t, server).logIn(s.ask("t1", func(i *interactionv1.Interaction) {
		i.Scopes = []*interactionv1.RequestedScope{{Name: "<b>", Description: "a\u202e<i>"}, {Name: "plain"}}
	}), "alice")
	if !hasAll(page.body, "<span>a&lt;i&gt;</span><code>&lt;b&gt;</code>", "<li><code>plain</code></li>") {
		t.Error(page.body)
	}
}
