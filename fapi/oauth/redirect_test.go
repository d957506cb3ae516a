package oauth

import (
	"net/url"
	"strings"
	"testing"
)

// TestValidRedirectURI is what may be registered: BAD-77 to BAD-81 and THR-9,
// the tricks by which two parsers read two hosts out of one URI.
func TestValidRedirectURI(t *testing.T) {
	const web, native = false, true
	for _, row := range []struct {
		name   string
		uri    string
		native bool
		want   bool
	}{
		{"https with a host", "https://good.example/cb", web, true},
		{"https of a native application", "https://good.example/cb", native, true},
		{"a query is kept", "https://good.example/cb?dummy1=lorem&dummy2=ipsum", web, true},
		{"a port", "https://good.example:8443/cb", web, true},
		{"no path", "https://good.example", web, true},
		{"dots within a segment", "https://good.example/.well-known/c.b..x", web, true},
		{"an IPv6 address", "https://[2001:db8::1]/cb", web, true},
		{"as long as may be", "https://good.example/" + strings.Repeat("a", maxRedirectURI-21), web, true},

		{"loopback by IPv4, native (BAD-81)", "http://127.0.0.1:49152/cb", native, true},
		{"loopback by IPv6, native (BAD-81)", "http://[::1]:49152/cb", native, true},
		{"loopback of a web application", "http://127.0.0.1:49152/cb", web, false},
		{"the name localhost (BAD-81)", "http://localhost/cb", native, false},
		{"a name that begins like loopback", "http://127.0.0.1.evil.example/cb", native, false},
		{"another way to write loopback", "http://127.1/cb", native, false},
		{"http of a native application elsewhere", "http://good.example/cb", native, false},

		{"http (BAD-80)", "http://good.example/cb", web, false},
		{"a private-use scheme (BAD-80)", "com.example.app:/cb", native, false},
		{"javascript (BAD-80)", "javascript:alert(1)//good.example/", web, false},
		{"data (BAD-80)", "data:text/html,hello", web, false},
		{"scheme-relative", "//good.example/cb", web, false},
		{"relative", "/cb", web, false},
		{"empty", "", web, false},
		{"opaque", "https:good.example/cb", web, false},
		{"no host", "https:///cb", web, false},
		{"a port without a host", "https://:443/cb", web, false},

		{"a fragment (BAD-78)", "https://good.example/cb#frag", web, false},
		{"an empty fragment", "https://good.example/cb#", web, false},
		{"a wildcard in the host", "https://*.good.example/cb", web, false},
		{"a wildcard in the path", "https://good.example/*", web, false},
		{"dot-dot (BAD-78)", "https://good.example/cb/../x", web, false},
		{"dot-dot at the end", "https://good.example/cb/..", web, false},
		{"a dot segment", "https://good.example/./cb", web, false},
		{"dot-dot, percent-encoded", "https://good.example/cb/%2e%2E/x", web, false},
		{"dot-dot behind an encoded slash (BAD-78)", "https://good.example/cb%2f..", web, false},
		{"dot-dot behind an encoded backslash", "https://good.example/cb%5C../x", web, false},

		{"userinfo (BAD-79)", "https://good.example@evil.example/cb", web, false},
		{"empty userinfo", "https://@good.example/cb", web, false},
		{"userinfo and password", "https://good.example:x@evil.example/cb", web, false},
		{"a backslash (BAD-79)", `https://evil.example\@good.example`, web, false},
		{"a unicode dot (BAD-79)", "https://good.example\u3002evil.example/cb", web, false},
		{"a homograph (BAD-79)", "https://g\u043e\u043ed.example/cb", web, false},
		{"a unicode dot, percent-encoded", "https://good.example%E3%80%82evil.example/cb", web, false},
		{"a zone in an IPv6 address", "https://[fe80::1%25eth0]/cb", web, false},
		{"a tab (BAD-79)", "https://good.example\t/cb", web, false},
		{"CR LF (BAD-79)", "https://good.example/cb\r\nSet-Cookie: a=b", web, false},
		{"NUL (BAD-79)", "https://good.example/cb\x00", web, false},
		{"a blank", "https://good.example/c b", web, false},
		{"a blank before", " https://good.example/cb", web, false},
		{"a broken percent-encoding", "https://good.example/%zz", web, false},
		{"a broken port", "https://good.example:https/cb", web, false},
		{"longer than 2048 bytes", "https://good.example/" + strings.Repeat("a", maxRedirectURI-20), web, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := ValidRedirectURI(row.uri, row.native); got != row.want {
				t.Errorf("ValidRedirectURI(%q, native %t) is %t", row.uri, row.native, got)
			}
		})
	}
}

// TestMatchRedirectURI is BCP-1: strings are compared, nothing is normalised.
func TestMatchRedirectURI(t *testing.T) {
	registered := []string{"https://good.example/cb", "https://good.example/cb2?a=1", "http://127.0.0.1/native", "http://[::1]:1/native?x=1"}
	for _, row := range []struct {
		name string
		uri  string
		want bool
	}{
		{"the same", "https://good.example/cb", true},
		{"the same with a query", "https://good.example/cb2?a=1", true},
		{"any port of IPv4 loopback", "http://127.0.0.1:49152/native", true},
		{"another port of IPv6 loopback", "http://[::1]:49152/native?x=1", true},
		{"no port of IPv6 loopback", "http://[::1]/native?x=1", true},

		{"empty", "", false},
		{"another host that begins alike (BAD-77)", "https://good.example.evil.example/cb", false},
		{"a trailing slash (BAD-78)", "https://good.example/cb/", false},
		{"a double slash (BAD-78)", "https://good.example//cb", false},
		{"upper case in the path (BAD-78)", "https://good.example/CB", false},
		{"upper case in the host", "https://GOOD.example/cb", false},
		{"an added query (BAD-78)", "https://good.example/cb?x", false},
		{"an added fragment (BAD-78)", "https://good.example/cb#frag", false},
		{"a dot segment (BAD-78)", "https://good.example/cb/../cb", false},
		{"a percent-encoded letter", "https://good.example/c%62", false},
		{"the default port (BAD-79)", "https://good.example:443/cb", false},
		{"userinfo (BAD-79)", "https://good.example@evil.example/cb", false},
		{"http (BAD-80)", "http://good.example/cb", false},
		{"a query in another order", "https://good.example/cb2?a=1&", false},
		{"loopback by name (BAD-81)", "http://localhost:49152/native", false},
		{"loopback, other family", "http://[::1]:49152/native", false},
		{"loopback, other path", "http://127.0.0.1:49152/other", false},
		{"loopback, added query", "http://127.0.0.1:49152/native?x=1", false},
		{"loopback, added question mark", "http://127.0.0.1:49152/native?", false},
		{"loopback, percent-encoded letter", "http://127.0.0.1:49152/nativ%65", false},
		{"loopback, added fragment", "http://127.0.0.1:49152/native#f", false},
		{"loopback, userinfo", "http://a@127.0.0.1:49152/native", false},
		{"loopback over https", "https://127.0.0.1:49152/native", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := MatchRedirectURI(row.uri, registered); got != row.want {
				t.Errorf("MatchRedirectURI(%q) is %t", row.uri, got)
			}
		})
	}
	if MatchRedirectURI("https://good.example:444/cb", []string{"https://good.example:443/cb"}) {
		t.Error("the port of an https URI was not compared")
	}
}

// TestAddToRedirect is AZ-3: a redirect URI's own query stays.
func TestAddToRedirect(t *testing.T) {
	params := url.Values{"code": {"a b"}, "iss": {"https://as.example"}}
	const encoded = "code=a+b&iss=https%3A%2F%2Fas.example"
	for uri, want := range map[string]string{
		"https://good.example/cb":      "https://good.example/cb?" + encoded,
		"https://good.example/cb?a=1":  "https://good.example/cb?a=1&" + encoded,
		"https://good.example/cb?":     "https://good.example/cb?" + encoded,
		"https://good.example/cb?a=1&": "https://good.example/cb?a=1&" + encoded,
	} {
		if got := AddToRedirect(uri, params); got != want {
			t.Errorf("AddToRedirect(%q) is %q, want %q", uri, got, want)
		}
	}
}
