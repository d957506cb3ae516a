package e2e

import (
	"net/http"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestRedirectURI: a redirect_uri is compared with the registered one character
// by character (BCP-1: RFC 9700 §4.1.3). What only looks like it, to a person or to some
// parser, is another.
func TestRedirectURI(t *testing.T) {
	t.Parallel()
	eachKind(t, kinds, func(t *testing.T, k kind) {
		redirectAll(t, k.client(t, oneProcess.suite(t), rig.Redirecting("https://good.example/cb")))
	})
}

func redirectAll(t *testing.T, c *rig.Client) {
	t.Helper()
	for _, row := range []struct{ id, why, uri string }{
		{"BAD-77", "the good host is a prefix of an evil one", "https://good.example.evil.com/cb"},
		{"BAD-78", "a path that climbs", "https://good.example/cb/../x"},
		{"BAD-78", "a path that climbs, encoded", "https://good.example/cb%2f.."},
		{"BAD-78", "two slashes", "https://good.example//cb"},
		{"BAD-78", "another case", "https://good.example/CB"},
		{"BAD-78", "a slash behind it", "https://good.example/cb/"},
		{"BAD-78", "a query behind it", "https://good.example/cb?x"},
		{"BAD-78", "a fragment behind it", "https://good.example/cb#frag"},
		{"BAD-79", "the good host as a user name", "https://good.example@evil.com/cb"},
		{"BAD-79", "a backslash that some read as a slash", `https://evil.com\@good.example/cb`},
		{"BAD-79", "the default port, written out", "https://good.example:443/cb"},
		{"BAD-79", "a full-width dot", "https://good。example/cb"},
		{"BAD-79", "a Cyrillic letter that looks like o", "https://gооd.example/cb"},
		{"BAD-79", "a tab inside", "https://good.\texample/cb"},
		{"BAD-79", "a line break inside", "https://good.example/cb\r\nLocation: https://evil.com"},
		{"BAD-79", "a NUL inside", "https://good.example/cb\x00"},
		{"BAD-80", "http", "http://good.example/cb"},
		{"BAD-80", "a scheme of its own", "custom:/cb"},
		{"BAD-80", "javascript:", "javascript:alert(1)"},
		{"BAD-80", "data:", "data:text/html,<script>alert(1)</script>"},
		{"BAD-81", "the name localhost, which somebody may own", "http://localhost/cb"},
		{"BAD-81", "a loopback address, by a client that is no native application", "http://127.0.0.1:49152/cb"},
	} {
		t.Run(row.id+" "+row.why, func(t *testing.T) {
			c.Send(t, c.Flow().PushRequest(rig.Param("redirect_uri", row.uri))).
				Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		})
	}
	c.Flow().Push(t) // the registered one passes
}

// TestNativeRedirectURI: a native application listens on a port that it learns
// when it starts, on the loopback address, never under the name localhost
// (RFC 8252 §7.3, §8.3).
func TestNativeRedirectURI(t *testing.T) {
	t.Parallel()
	s := oneProcess.suite(t)
	native := rig.Registered(func(m *metadata.Client) { m.ApplicationType = oauth.ApplicationNative })
	c := s.Client(t, native, rig.Redirecting("http://127.0.0.1/cb"))
	t.Run("BAD-81 the loopback address with the port of the day", func(t *testing.T) {
		f := c.Flow()
		f.Redirect = "http://127.0.0.1:49152/cb"
		f.Push(t).Approve(t, s.Browser(t))
		f.Exchange(t)
	})
	for _, uri := range []string{"http://localhost/cb", "http://127.0.0.1:49152/other", "http://127.0.0.2:49152/cb", "https://127.0.0.1:49152/cb"} {
		t.Run("BAD-81 "+uri, func(t *testing.T) {
			c.Send(t, c.Flow().PushRequest(rig.Param("redirect_uri", uri))).Refused(t, http.StatusBadRequest, oauth.CodeInvalidRequest)
		})
	}
	t.Run("BAD-81 localhost cannot be registered", func(t *testing.T) {
		m := metadata.Client{
			ApplicationType: oauth.ApplicationNative, RedirectURIs: []string{"http://localhost/cb"}, JWKS: metadata.Document(rig.JWKS(c.Key)),
		}
		s.Send(t, s.RegistrationRequest(t, rig.FAPI2, m)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidRedirectURI)
	})
}
