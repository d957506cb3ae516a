package oauth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// NewSecret is a fresh secret of 256 random bits, base64url, 43 characters: for
// codes, tokens, request_uris and handles. CRY-4 (FAPI 2.0 §5.4.1-4) asks for
// 128 bits; certification measures the entropy of the text, so we give more.
func NewSecret() string { return random(32) }

// NewID is a fresh identifier of 128 random bits, base64url, 22 characters: for
// what must be unique but is no secret.
func NewID() string { return random(16) }

func random(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand ends the process instead
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is the base64url SHA-256 of a secret: what stores keep instead of the
// secret itself (WIRE-12).
func Hash(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// Equal compares two strings in time that tells nothing of where they differ.
func Equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}
