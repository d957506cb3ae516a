package oauth

import (
	"encoding/base64"
	"testing"
)

func TestSecretsAreFreshAndLong(t *testing.T) {
	for name, row := range map[string]struct {
		make  func() string
		bytes int
	}{"NewSecret": {NewSecret, 32}, "NewID": {NewID, 16}} {
		t.Run(name, func(t *testing.T) {
			seen := map[string]bool{}
			for range 1000 {
				text := row.make()
				raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
				if err != nil || len(raw) != row.bytes || seen[text] {
					t.Fatalf("%q: %d bytes, %v, seen before %t", text, len(raw), err, seen[text])
				}
				seen[text] = true
			}
		})
	}
}

// TestHash is SHA-256 in base64url: appendix B of RFC 7636 computes the same.
func TestHash(t *testing.T) {
	if got := Hash(rfcVerifier); got != rfcChallenge {
		t.Errorf("got %s", got)
	}
	if Hash("") != "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" {
		t.Error("the hash of nothing is another")
	}
}

func TestEqual(t *testing.T) {
	for _, row := range []struct {
		a, b string
		want bool
	}{
		{"secret", "secret", true}, {"", "", true}, {"secret", "Secret", false},
		{"secret", "secre", false}, {"secret", "", false}, {"", "secret", false},
	} {
		if got := Equal(row.a, row.b); got != row.want {
			t.Errorf("Equal(%q, %q) is %t", row.a, row.b, got)
		}
	}
}
