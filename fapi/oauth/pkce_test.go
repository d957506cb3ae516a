package oauth

import (
	"strings"
	"testing"
)

// The example of RFC 7636 appendix B.
const (
	rfcVerifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	rfcChallenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

func TestVerifyS256(t *testing.T) {
	long := strings.Repeat("a", 128)
	for _, row := range []struct {
		name                string
		verifier, challenge string
		want                bool
	}{
		{"the example of RFC 7636", rfcVerifier, rfcChallenge, true},
		{"128 characters", long, Hash(long), true},
		{"every kind of character", strings.Repeat("aZ09-._~", 6), Hash(strings.Repeat("aZ09-._~", 6)), true},
		{"no verifier (BAD-105)", "", rfcChallenge, false},
		{"no verifier and its hash", "", Hash(""), false},
		{"another verifier (BAD-106)", strings.Repeat("b", 43), rfcChallenge, false},
		{"the challenge itself (BAD-106)", rfcChallenge, rfcChallenge, false},
		{"42 characters (BAD-106)", long[:42], Hash(long[:42]), false},
		{"129 characters (BAD-106)", long + "a", Hash(long + "a"), false},
		{"an illegal character (BAD-106)", long[:60] + "+", Hash(long[:60] + "+"), false},
		{"a line break behind", rfcVerifier + "\n", Hash(rfcVerifier + "\n"), false},
		{"no challenge", rfcVerifier, "", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := VerifyS256(row.verifier, row.challenge); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestValidCodeChallenge(t *testing.T) {
	for _, row := range []struct {
		name      string
		challenge string
		want      bool
	}{
		{"the example of RFC 7636", rfcChallenge, true},
		{"none (BAD-48)", "", false},
		{"42 characters (BAD-48)", rfcChallenge[:42], false},
		{"44 characters", rfcChallenge + "a", false},
		{"padding (BAD-48)", rfcChallenge[:42] + "=", false},
		{"padding behind", rfcChallenge + "=", false},
		{"plain base64 (BAD-48)", rfcChallenge[:42] + "+", false},
		{"a line break behind", rfcChallenge + "\n", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := ValidCodeChallenge(row.challenge); got != row.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
