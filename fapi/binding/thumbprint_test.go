package binding

import (
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestValidThumbprint is the form of a dpop_jkt (DPOP-8, BAD-64): 43 characters
// of base64url.
func TestValidThumbprint(t *testing.T) {
	thumbprint := oauth.Hash("a key")
	for text, want := range map[string]bool{
		thumbprint:                     true,
		"":                             false,
		thumbprint[1:]:                 false,
		thumbprint + "A":               false,
		thumbprint + "=":               false,
		thumbprint + "\n":              false,
		thumbprint[:42] + "\n":         false,
		strings.Repeat("A", 42) + "+":  false,
		strings.Repeat("a", 64):        false, // hexadecimal
		"urn:ietf:params:oauth:jwk-tp": false,
	} {
		if got := ValidThumbprint(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestSchemeOfBoth: a token that is bound twice is a DPoP token (RFC 9449 §7.1).
func TestSchemeOfBoth(t *testing.T) {
	if got := (Confirmation{CertificateThumbprint: "a", KeyThumbprint: "b"}).Scheme(); got != oauth.TokenTypeDPoP {
		t.Errorf("scheme is %s", got)
	}
}
