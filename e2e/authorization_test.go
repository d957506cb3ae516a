package e2e

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// TestAuthorizationRequest: what a browser brings does not begin a flow. Nothing
// has proved where to send it, so it sees a page and goes nowhere. A flow begins
// with a pushed request (SP2-23) of this very client (PAR-5), issued here (JAR-5).
func TestAuthorizationRequest(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		beginAll(t, s, k.client(t, s).Flow().Push(t), k.client(t, s))
	})
}

func beginAll(t *testing.T, s *rig.Suite, f *rig.Flow, other *rig.Client) {
	t.Helper()
	lure := newLure(t)
	set := func(name string, values ...string) func(url.Values) {
		return func(q url.Values) { q[name] = values }
	}
	plain := func(q url.Values) {
		q.Del("request_uri")
		for name, values := range f.PushRequest().Form {
			if !strings.HasPrefix(name, "client_assertion") {
				q[name] = values
			}
		}
	}
	for _, row := range []struct {
		id, why string
		change  func(url.Values)
		code    string
	}{
		{"BAD-70", "the parameters stand in the query, nothing was pushed", plain, oauth.CodeInvalidRequest},
		{"BAD-70", "no request_uri at all", set("request_uri"), oauth.CodeInvalidRequest},
		{"BAD-71", "another client's request_uri", set("client_id", other.ID), oauth.CodeInvalidRequestURI},
		{"BAD-72", "a request_uri that was never issued", set("request_uri", oauth.RequestURIPrefix+oauth.NewSecret()), oauth.CodeInvalidRequestURI},
		{"BAD-74", "a request_uri on another server", set("request_uri", lure.URL+"/ro.jwt"), oauth.CodeInvalidRequestURI},
		{"BAD-74", "a request_uri that is the request itself", set("request_uri", "data:application/jwt,e30.e30."), oauth.CodeInvalidRequestURI},
		{"BAD-74", "a request_uri that is a file", set("request_uri", "file:///etc/passwd"), oauth.CodeInvalidRequestURI},
		{"BAD-74", "a request_uri of another URN", set("request_uri", "urn:example:request:"+oauth.NewSecret()), oauth.CodeInvalidRequestURI},
		{"BAD-75", "no client_id", set("client_id"), oauth.CodeInvalidRequest},
		{"BAD-75", "a client_id that nobody has", set("client_id", oauth.ClientIDPrefix+oauth.NewID()), oauth.CodeInvalidRequest},
		{"BAD-75", "client_id twice", set("client_id", f.ID, f.ID), oauth.CodeInvalidRequest},
	} {
		t.Run(row.id+" "+row.why, func(t *testing.T) {
			query := f.Parameters()
			row.change(query)
			for _, page := range []*rig.Page{
				s.Browser(t).Get(t, f.Endpoint()+"?"+query.Encode()),
				s.Browser(t).Post(t, f.Endpoint(), query),
			} {
				page.Refused(t, row.code)
				showsNothingOf(t, page, f)
			}
		})
	}
	lure.untouched(t)
	f.Approve(t, s.Browser(t)) // the unchanged request was good all the time
}

// showsNothingOf is the second half of BAD-91: an error page tells nothing of a
// client that whoever sees it may not know.
func showsNothingOf(t *testing.T, page *rig.Page, f *rig.Flow) {
	t.Helper()
	for _, private := range []string{f.Registration.ClientName, f.Redirect, f.State, f.Nonce} {
		if strings.Contains(string(page.Body), private) {
			t.Errorf("the error page shows %q", private)
		}
	}
}

// TestRequestURIIsUsedOnce: a page may be loaded again; what was completed is over
// (SP2-35).
func TestRequestURIIsUsedOnce(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) { usedOnce(t, s, k.client(t, s)) })
}

func usedOnce(t *testing.T, s *rig.Suite, c *rig.Client) {
	t.Helper()
	f, b := c.Flow().Push(t), s.Browser(t)
	t.Run("BAD-73 loaded twice before the login, the second works", func(t *testing.T) {
		b.Follow(t, b.Get(t, f.URL()))
		f.Approve(t, b)
		f.Exchange(t)
	})
	t.Run("BAD-72 after completion", func(t *testing.T) {
		b.Get(t, f.URL()).Refused(t, oauth.CodeInvalidRequestURI)
		s.Browser(t).Get(t, f.URL()).Refused(t, oauth.CodeInvalidRequestURI)
	})
	t.Run("BAD-72 of two tabs that began with one request_uri, one completes", func(t *testing.T) {
		f, b := c.Flow().Push(t), s.Browser(t)
		first := f.Consent(t, b)
		second := b.Follow(t, b.Get(t, f.URL()))
		f.Answer(t, b.Follow(t, b.Press(t, first, "approve")))
		b.Follow(t, b.Press(t, second, "approve")).Refused(t, oauth.CodeInvalidRequestURI)
	})
}

// TestParametersBesideRequestURI: the browser's user cannot change what was pushed
// (BAD-76).
func TestParametersBesideRequestURI(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		t.Run("BAD-76 others than were pushed", func(t *testing.T) {
			ignores(t, s, k.client(t, s).Flow(), func(*rig.Flow) url.Values {
				return url.Values{
					"scope": {"openid accounts payments"}, "redirect_uri": {"https://evil.example/cb"}, "state": {"evil"}, "nonce": {"evil"},
					"response_type": {"token"}, "code_challenge": {oauth.Hash("evil")}, "prompt": {"none"}, "max_age": {"-1"},
				}
			})
		})
		t.Run("AZ-4 the same as were pushed, as some clients send them", func(t *testing.T) {
			ignores(t, s, k.client(t, s).Flow(), func(f *rig.Flow) url.Values {
				return url.Values{
					"scope": {f.Scope}, "redirect_uri": {f.Redirect}, "state": {f.State}, "nonce": {f.Nonce}, "response_type": {"code"},
				}
			})
		})
	})
}

// ignores walks a flow that begins with more than client_id and request_uri.
func ignores(t *testing.T, s *rig.Suite, f *rig.Flow, beside func(*rig.Flow) url.Values) {
	t.Helper()
	b := s.Browser(t)
	page := b.Follow(t, b.Get(t, f.Push(t).URL()+"&"+beside(f).Encode()))
	page = b.Follow(t, b.Press(t, page, "login", "username", "alice", "password", "alice"))
	if strings.Contains(string(page.Body), "payments") {
		t.Error("the consent page shows a scope that was not pushed")
	}
	f.Answer(t, b.Follow(t, b.Press(t, page, "approve"))) // checks redirect URI and state
	if answer := f.Exchange(t); answer.Text("scope") != f.Scope {
		t.Errorf("scope is %q, want %q", answer.Text("scope"), f.Scope)
	}
	checkIDToken(t, s, f, jose.ES256) // checks the nonce
}

// TestCrossOrigin: no script of another site may read the authorization endpoint
// (BAD-83).
func TestCrossOrigin(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	f := s.Client(t).Flow().Push(t)
	for _, method := range []string{http.MethodOptions, http.MethodGet} {
		for _, address := range []string{f.URL(), s.Layout.URL(layout.BankPages) + "/interactions"} {
			answer := s.Send(t, with(rig.Get(address), rig.Method(method), rig.Header("Origin", "https://evil.example"),
				rig.Header("Access-Control-Request-Method", "POST")))
			for name := range answer.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("BAD-83 %s %s answers %s: %s", method, address, name, answer.Header.Get(name))
				}
			}
		}
	}
}

func with(r *rig.Request, changes ...rig.Change) *rig.Request {
	rig.All(changes...)(r)
	return r
}

// TestPagesAreGuarded: no page can be framed, so that nobody clicks on what they
// do not see (BAD-84).
func TestPagesAreGuarded(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	f, b := s.Client(t).Flow().Push(t), s.Browser(t)
	login := b.Follow(t, b.Get(t, f.URL()))
	for name, page := range map[string]*rig.Page{
		"login":                login,
		"login, not succeeded": b.Press(t, login, "login", "username", "alice", "password", "wrong").Shown(t, http.StatusUnauthorized),
		"consent":              f.Consent(t, b),
		"error at the server":  b.Get(t, f.Endpoint()),
		"error at the bank":    b.Get(t, s.Layout.URL(layout.BankPages)+"/interactions"),
		"not found, the bank":  b.Get(t, s.Layout.URL(layout.BankPages)+"/nothing"),
	} {
		t.Run("BAD-84 "+name, func(t *testing.T) { page.Guarded(t) })
	}
}

// TestHostileHost: addresses come from the configuration, never from what a
// request says of itself (BAD-96).
func TestHostileHost(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	discovery := s.Issuer(rig.FAPI2) + "/.well-known/openid-configuration"
	want := s.Send(t, rig.Get(discovery)).Is(t, http.StatusOK).Body
	f := s.Client(t).Flow().Push(t)
	for _, name := range []string{"Host", "X-Forwarded-Host", "Forwarded", "X-Forwarded-Proto", "X-Original-URL"} {
		value := map[string]string{"Forwarded": "host=evil.example;proto=http", "X-Forwarded-Proto": "http"}[name]
		if value == "" {
			value = "evil.example"
		}
		t.Run("BAD-96 "+name, func(t *testing.T) {
			if got := s.Send(t, with(rig.Get(discovery), rig.Header(name, value))).Body; !bytes.Equal(got, want) {
				t.Errorf("the metadata changed: %s", got)
			}
			page := s.Browser(t).Get(t, f.URL(), rig.Header(name, value))
			if to := page.Header.Get("Location"); !strings.HasPrefix(to, s.Layout.URL(layout.BankPages)+"/") {
				t.Errorf("the browser is sent to %q", to)
			}
		})
	}
}

// TestHostileClientName: what a client says of itself is shown as text, and short
// (BAD-94).
func TestHostileClientName(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	for why, name := range map[string]string{
		"BAD-94 markup":           `<script>alert(1)</script><img src=x onerror=alert(1)>`,
		"BAD-94 right to left":    "Budget \u202egnp.exe\u2066",
		"BAD-94 ten kilobytes":    strings.Repeat("Budget ", 1500),
		"BAD-94 quotes":           `"' onload='alert(1)`,
		"BAD-94 a template's own": "{{.}} ${7*7} <%= 7*7 %>",
	} {
		t.Run(why, func(t *testing.T) {
			f, b := s.Client(t, rig.Registered(func(m *metadata.Client) { m.ClientName = name })).Flow().Push(t), s.Browser(t)
			for _, page := range []*rig.Page{b.Follow(t, b.Get(t, f.URL())), f.Consent(t, b)} {
				if elements := page.Elements(); elements["script"] != 0 || elements["img"] != 0 {
					t.Errorf("the name became elements: %v", elements)
				}
				if strings.ContainsAny(string(page.Body), "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") {
					t.Error("the page turns the direction of text")
				}
				if len(page.Body) > 20<<10 {
					t.Errorf("the page has %d bytes", len(page.Body))
				}
			}
		})
	}
}

// TestHostileLogo: a logo is a link to be shown, never an address to call, nor a
// script to run (BAD-94).
func TestHostileLogo(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	t.Run("BAD-94 javascript:", func(t *testing.T) {
		m := metadata.Client{RedirectURIs: []string{"https://client.example/cb"}, JWKS: metadata.Document(rig.JWKS(rig.ES256Key())), LogoURI: "javascript:alert(1)"}
		s.Send(t, s.RegistrationRequest(t, rig.FAPI2, m)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidClientMetadata)
	})
	t.Run("BAD-94 a picture that counts who sees it", func(t *testing.T) {
		lure := newLure(t)
		f := s.Client(t, rig.Registered(func(m *metadata.Client) { m.LogoURI = lure.URL + "/pixel.png" })).Flow().Push(t)
		page := f.Consent(t, s.Browser(t))
		if strings.Contains(string(page.Body), lure.URL) {
			t.Error("the consent page shows the picture")
		}
		lure.untouched(t)
	})
}
