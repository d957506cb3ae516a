package rig

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Page is what a browser was answered.
type Page struct {
	*Response
	URL *url.URL
	// Left is where the browser would go next, the client's address.
	Left string

	root   *html.Node
	action string
	fields map[string]field
}

type field struct {
	value  string
	button bool
}

func (p *Page) parse(t testing.TB, secrets *Secrets) {
	t.Helper()
	var err error
	if p.root, err = html.Parse(bytes.NewReader(p.Body)); err != nil {
		t.Fatal(err)
	}
	p.fields = map[string]field{}
	hidden := url.Values{}
	for node := range p.root.Descendants() {
		switch {
		case node.Type != html.ElementNode:
		case node.Data == "form":
			p.action = attribute(node, "action")
		case node.Data == "input" || node.Data == "button":
			name, kind := attribute(node, "name"), attribute(node, "type")
			p.fields[name] = field{attribute(node, "value"), node.Data == "button" || kind == "submit"}
			hidden.Set(name, attribute(node, "value"))
		}
	}
	secrets.ofValues(t.Name(), hidden)
}

func attribute(node *html.Node, name string) string {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Has tells whether the page has an input or button of that name.
func (p *Page) Has(name string) bool {
	_, ok := p.fields[name]
	return ok
}

// Form is what pressing a button would send.
func (p *Page) Form(button string) url.Values {
	form := url.Values{}
	for name, field := range p.fields {
		if !field.button || name == button {
			form.Set(name, field.value)
		}
	}
	return form
}

// Action is where the form goes.
func (p *Page) Action(t testing.TB) string {
	t.Helper()
	target, err := p.URL.Parse(p.action)
	if err != nil {
		t.Fatal(err)
	}
	return target.String()
}

// Elements are the names of the elements that stand on the page.
func (p *Page) Elements() map[string]int {
	count := map[string]int{}
	for node := range p.root.Descendants() {
		if node.Type == html.ElementNode {
			count[node.Data]++
		}
	}
	return count
}

// ByID is the text of an element, and whether there is one.
func (p *Page) ByID(id string) (string, bool) {
	for node := range p.root.Descendants() {
		if node.Type == html.ElementNode && attribute(node, "id") == id {
			return textOf(node), true
		}
	}
	return "", false
}

func textOf(node *html.Node) string {
	var text strings.Builder
	for inner := range node.Descendants() {
		if inner.Type == html.TextNode {
			text.WriteString(inner.Data)
		}
	}
	return text.String()
}

// Shown checks the status alone.
func (p *Page) Shown(t testing.TB, status int) *Page {
	t.Helper()
	p.Is(t, status)
	return p
}

// Refused checks an error page: HTTP 400 with an element "error" that holds the
// code alone, no way on, nothing that a frame or a cache may have.
func (p *Page) Refused(t testing.TB, code string) {
	t.Helper()
	if got, _ := p.ByID("error"); p.StatusCode != http.StatusBadRequest || got != code {
		t.Errorf("%s answered %d with the error %q, want a page of 400 %s: %.300s", p.URL.Path, p.StatusCode, got, code, p.Body)
	}
	if location := p.Header.Get("Location"); location != "" || p.Left != "" {
		t.Errorf("the error page leads to %s", location+p.Left)
	}
	p.Guarded(t)
}

// Guarded checks what every page has: no other site may frame it, no cache keep
// it, nothing run in it (BAD-84).
func (p *Page) Guarded(t testing.TB) {
	t.Helper()
	policy := p.Header.Get("Content-Security-Policy")
	for _, directive := range []string{"frame-ancestors 'none'", "default-src 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, directive) {
			t.Errorf("%s: Content-Security-Policy %q lacks %s", p.URL.Path, policy, directive)
		}
	}
	if strings.Contains(policy, "script-src") {
		t.Errorf("%s: Content-Security-Policy %q lets scripts run", p.URL.Path, policy)
	}
	if got := p.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s: Cache-Control is %q", p.URL.Path, got)
	}
}

// Answer is the query that the browser brought to the client's redirect URI, in
// which the URI's own is kept.
func (p *Page) Answer(t testing.TB, redirect string) url.Values {
	t.Helper()
	if !strings.HasPrefix(p.Left, redirect) {
		t.Fatalf("the browser went to %q, not to %q: %d %.300s", p.Left, redirect, p.StatusCode, p.Body)
	}
	u, err := url.Parse(p.Left)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}
