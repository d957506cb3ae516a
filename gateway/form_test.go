package gateway

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestParseParams: what a form or query may say, and what it may not.
func TestParseParams(t *testing.T) {
	for _, row := range []struct {
		name, text string
		want       map[string]string
		refused    string // the rule, or nothing
	}{
		{name: "percent and plus are decoded", text: "scope=openid+accounts&state=a%26b", want: map[string]string{"scope": "openid accounts", "state": "a&b"}},
		{name: "an empty value counts as absent", text: "state=&scope=openid", want: map[string]string{"scope": "openid"}},
		{name: "empty pairs are nothing", text: "&&a=1&", want: map[string]string{"a": "1"}},
		{name: "BAD-45 a repeated parameter is refused", text: "scope=a&scope=b", refused: "WIRE-2"},
		{name: "a repetition is one also where a value is empty", text: "scope=&scope=b", refused: "WIRE-2"},
		{name: "a repetition is one also where it is encoded otherwise", text: "scope=a&sc%6fpe=b", refused: "WIRE-2"},
		{name: "resource may be repeated (RFC 8707 §2); the first is kept", text: "resource=a&resource=b", want: map[string]string{"resource": "a"}},
		{name: "a broken escape is refused", text: "a=%zz", refused: "WIRE-1"},
		{name: "BAD-121 bytes that are no UTF-8 become U+FFFD", text: "code=%c0%80", want: map[string]string{"code": "\uFFFD"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			params, err := parseParams(row.text)
			if refusal, ok := oauth.AsError(err); row.refused != "" && (!ok || refusal.Rule != row.refused || refusal.HTTPStatus() != http.StatusBadRequest) {
				t.Fatalf("want a refusal by %s, not %v", row.refused, err)
			}
			if row.refused == "" && err != nil {
				t.Fatal(err)
			}
			if len(params) != len(row.want) {
				t.Errorf("got %q, want %q", params, row.want)
			}
			for name, value := range row.want {
				if params[name] != value {
					t.Errorf("%s is %q, want %q", name, params[name], value)
				}
			}
		})
	}
}

// FuzzParseParams: no text panics, and what is accepted is what the standard
// library reads, but for what is refused or left out on purpose.
func FuzzParseParams(f *testing.F) {
	for _, seed := range []string{"a=1&b=2", "a=%zz", "a&b", "=", "a=1&a=2", "resource=a&resource=b", "a=%ff", ";", "a=1;b=2", "%cccccca=cf\x7f"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		params, err := parseParams(text)
		if err != nil {
			return
		}
		for name, value := range params {
			if value == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
				t.Errorf("%q=%q", name, value)
			}
		}
		if strings.ContainsAny(text, ";") || !utf8.ValidString(text) {
			return // the standard library refuses semicolons
		}
		known, err := url.ParseQuery(text)
		if err != nil || !utf8.ValidString(fmt.Sprint(known)) {
			return // the standard library keeps bytes that are no UTF-8
		}
		for name, value := range params {
			if known.Get(name) != value {
				t.Errorf("%q is %q here and %q there", name, value, known.Get(name))
			}
		}
	})
}

// TestCredentialsLeaveTheParameters: what is kept or logged later cannot hold
// what proved the client.
func TestCredentialsLeaveTheParameters(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "https://as.example/x/par", nil)
	r.Header.Set("Authorization", "Basic xyz")
	params := map[string]string{"client_id": "c", "client_assertion": "a.b.c", "client_assertion_type": "t", "client_secret": "s", "scope": "openid"}
	c := credentials(r, params)
	if c.GetClientId() != "c" || c.GetClientAssertion() != "a.b.c" || c.GetClientAssertionType() != "t" || !c.GetClientSecretPresent() || !c.GetAuthorizationPresent() {
		t.Errorf("credentials are %v", c)
	}
	if len(params) != 1 || params["scope"] != "openid" {
		t.Errorf("what is left is %v", params)
	}
}

// TestInteractionID: WIRE-11, a UUID is echoed and anything else replaced.
func TestInteractionID(t *testing.T) {
	const sent = "C770AEF3-6784-41F7-8E0E-FF5F97BDDB3A"
	for _, row := range []struct {
		name, sent string
		echoed     bool
	}{
		{"a UUID is echoed as it was written", sent, true},
		{"in lower case too", strings.ToLower(sent), true},
		{"none is made", "", false},
		{"a UUID in braces is not one", "{" + sent + "}", false},
		{"text is not", "<script>alert(1)</script>-------------", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "https://as.example/", nil)
			r.Header.Set("x-fapi-interaction-id", row.sent)
			if got := interactionID(r); (got == row.sent) != row.echoed || len(got) != 36 {
				t.Errorf("got %q", got)
			}
		})
	}
}
