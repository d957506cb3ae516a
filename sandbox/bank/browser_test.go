package bank

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// browser is a simple one: cookies and forms, no script, and it stops at each
// redirect.
type browser struct {
	t      *testing.T
	server *httptest.Server
	client *http.Client
}

func newBrowser(t *testing.T, server *httptest.Server) *browser {
	client := *server.Client()
	client.Jar = must(cookiejar.New(nil))
	return &browser{t, server, &client}
}

// shown is an answer and its form.
type shown struct {
	*http.Response
	body   string
	action string
	hidden url.Values
}

var (
	actionSyntax = regexp.MustCompile(`<form method="post" action="([^"]*)">`)
	hiddenSyntax = regexp.MustCompile(`<input type="hidden" id="([^"]*)" name="([^"]*)" value="([^"]*)">`)
)

func (b *browser) do(r *http.Request) shown {
	b.t.Helper()
	response := must(b.client.Do(r))
	defer response.Body.Close()
	s := shown{Response: response, body: string(must(io.ReadAll(response.Body))), hidden: url.Values{}}
	if action := actionSyntax.FindStringSubmatch(s.body); action != nil {
		s.action = html.UnescapeString(action[1])
	}
	for _, input := range hiddenSyntax.FindAllStringSubmatch(s.body, -1) {
		if input[1] != input[2] {
			b.t.Errorf("input %q has the id %q", input[2], input[1])
		}
		s.hidden.Set(input[2], html.UnescapeString(input[3]))
	}
	return s
}

func (b *browser) get(path string) shown {
	b.t.Helper()
	return b.do(must(http.NewRequestWithContext(b.t.Context(), "GET", b.server.URL+path, nil)))
}

func (b *browser) post(path string, values url.Values) shown {
	b.t.Helper()
	request := must(http.NewRequestWithContext(b.t.Context(), "POST", b.server.URL+path, strings.NewReader(values.Encode())))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(request)
}

// send fills in a page's form and sends it: pairs of name and value.
func (b *browser) send(page shown, pairs ...string) shown {
	b.t.Helper()
	if page.action == "" {
		b.t.Fatalf("status %d, and no form: %s", page.StatusCode, page.body)
	}
	values := url.Values{}
	for name := range page.hidden {
		values.Set(name, page.hidden.Get(name))
	}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return b.post(page.action, values)
}

// logIn goes through the login page to the consent page.
func (b *browser) logIn(path, name string) shown {
	b.t.Helper()
	back := b.send(b.get(path), "username", name, "password", name, "login", "yes")
	if back.StatusCode != http.StatusSeeOther || back.Header.Get("Location") != path {
		b.t.Fatalf("login answered %d to %q", back.StatusCode, back.Header.Get("Location"))
	}
	return b.get(path)
}

func (b *browser) cookie() string {
	for _, cookie := range b.client.Jar.Cookies(must(url.Parse(b.server.URL))) {
		if cookie.Name == cookieName {
			return cookie.Value
		}
	}
	return ""
}

// isLogin and isConsent tell the pages apart by their buttons.
func (s shown) isLogin() bool {
	return hasAll(s.body, `id="username" name="username"`, `id="password" name="password"`, `id="login" name="login"`, `id="deny" name="deny" value="yes" formnovalidate`)
}

func (s shown) isConsent() bool {
	return hasAll(s.body, `id="approve" name="approve"`, `id="deny" name="deny"`)
}

func hasAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

// wantBack checks that the browser is sent where the suite says.
func wantBack(t *testing.T, got shown, ticket string) {
	t.Helper()
	if got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != wayBack(ticket) {
		t.Errorf("status %d to %q: %s", got.StatusCode, got.Header.Get("Location"), got.body)
	}
}

// wantError checks an error page: the element "error" holds the code alone.
func wantError(t *testing.T, got shown, httpStatus int, code string) {
	t.Helper()
	if got.StatusCode != httpStatus || !strings.Contains(got.body, `<code id="error">`+code+`</code>`) {
		t.Errorf("status %d, want %d %s: %s", got.StatusCode, httpStatus, code, got.body)
	}
}
