package binding

import (
	"strings"
	"testing"
)

// TestSameURL is DPOP-3 for htu: normalised as RFC 3986 §6.2.2 and §6.2.3 say,
// without query and fragment, and nothing further.
func TestSameURL(t *testing.T) {
	const configured = "https://as.example/bank/token"
	for _, row := range []struct {
		name string
		htu  string
		want bool
	}{
		{"the same", configured, true},
		{"a query and a fragment (BAD-137)", configured + "?q#f", true},
		{"upper case and the default port (BAD-137)", "HTTPS://AS.EXAMPLE:443/bank/token", true},
		{"a percent-encoded letter", "https://as.example/bank/%74oken", true},
		{"dot segments", "https://as.example/x/../bank/./token", true},

		{"empty", "", false},
		{"another host (BAD-136)", "https://evil.example/bank/token", false},
		{"another path (BAD-136)", "https://as.example/bank/par", false},
		{"another issuer (BAD-136)", "https://as.example/other/token", false},
		{"http (BAD-136)", "http://as.example/bank/token", false},
		{"the mTLS alias (BAD-136)", "https://mtls.as.example/bank/token", false},
		{"another port", "https://as.example:8443/bank/token", false},
		{"the default port of http", "https://as.example:80/bank/token", false},
		{"upper case in the path", "https://as.example/bank/TOKEN", false},
		{"a slash behind", configured + "/", false},
		{"an encoded slash", "https://as.example/bank%2Ftoken", false},
		{"userinfo", "https://u@as.example/bank/token", false},
		{"relative", "/bank/token", false},
		{"opaque", "https:as.example/bank/token", false},
		{"no URL", "https://as example/bank/token", false},
		{"too long", configured + "?" + strings.Repeat("a", 2048), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := sameURL(row.htu, configured); got != row.want {
				t.Errorf("sameURL(%q) is %t", row.htu, got)
			}
		})
	}
	if !sameURL("https://as.example", "https://as.example/") {
		t.Error("an empty path is not the root")
	}
}
