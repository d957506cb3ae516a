package rig

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Browser is a simple one: cookies, forms, redirects when asked to; no script.
type Browser struct {
	suite  *Suite
	client *http.Client
}

// Browser is a new one, without any cookie.
func (s *Suite) Browser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := *s.plain
	client.Jar = jar
	return &Browser{s, &client}
}

// Cookie is the value of a cookie for an address, or empty.
func (b *Browser) Cookie(t testing.TB, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	for _, cookie := range b.client.Jar.Cookies(u) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	return ""
}

// Plant sets a cookie, as an attacker would who can.
func (b *Browser) Plant(t testing.TB, address, name, value string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: name, Value: value, Path: "/", Secure: true}}) //nolint:gosec // G124: a cookie in a jar of the test's own
}

// Get opens an address.
func (b *Browser) Get(t testing.TB, address string, changes ...Change) *Page {
	t.Helper()
	return b.open(t, Get(address).changed(changes))
}

// Post sends a form.
func (b *Browser) Post(t testing.TB, address string, form url.Values) *Page {
	t.Helper()
	return b.open(t, post(address, form))
}

func (b *Browser) open(t testing.TB, r *Request) *Page {
	t.Helper()
	body := r.body()
	request, err := http.NewRequestWithContext(t.Context(), r.Method, r.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header, request.Host = r.Header.Clone(), r.Header.Get("Host")
	page := &Page{Response: b.suite.read(t, b.client, request), URL: request.URL}
	page.parse(t, b.suite.Secrets)
	return page
}

// Press fills in a page's form and presses one of its buttons: pairs of name and
// value. It does not follow where that leads.
func (b *Browser) Press(t testing.TB, page *Page, button string, pairs ...string) *Page {
	t.Helper()
	if !page.Has(button) {
		t.Fatalf("%s has no button %s: %d %.300s", page.URL, button, page.StatusCode, page.Body)
	}
	form := page.Form(button)
	for pair := range slices.Chunk(pairs, 2) {
		form.Set(pair[0], pair[1])
	}
	return b.Post(t, page.Action(t), form)
}

// maxRedirects is more than any flow has.
const maxRedirects = 10

// Follow goes where a page leads, to the next one that is shown, or to the
// client's address, which is not opened. Every redirect must be a 303: a browser
// may repeat a form, with the password in it, after any other (BAD-82).
func (b *Browser) Follow(t testing.TB, page *Page) *Page {
	t.Helper()
	for range maxRedirects {
		location := page.Header.Get("Location")
		if location == "" {
			return page
		}
		if page.StatusCode != http.StatusSeeOther {
			t.Fatalf("%s redirects by %d, not by 303", page.URL, page.StatusCode)
		}
		next, err := page.URL.Parse(location)
		if err != nil {
			t.Fatal(err)
		}
		if !b.suite.serves(next) {
			page.Left = location
			return page
		}
		page = b.Get(t, next.String())
	}
	t.Fatal("too many redirects")
	return nil
}

// serves tells whether an address is the suite's own or the bank's.
func (s *Suite) serves(u *url.URL) bool {
	for _, own := range s.Layout.HealthURLs() {
		if o, err := url.Parse(own); err == nil && o.Host == u.Host {
			return true
		}
	}
	return false
}
