package oauth

import "regexp"

// verifierSyntax is code-verifier of RFC 7636 §4.1.
var verifierSyntax = regexp.MustCompile(`^[A-Za-z0-9._~-]{43,128}$`)

// challengeSyntax is an S256 code challenge: 32 bytes as base64url without
// padding, RFC 7636 §4.2.
var challengeSyntax = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// ValidCodeChallenge tells whether a text can be an S256 code challenge.
func ValidCodeChallenge(challenge string) bool { return challengeSyntax.MatchString(challenge) }

// VerifyS256 tells whether a code_verifier is well-formed and belongs to an
// S256 code_challenge (RFC 7636 §4.6).
func VerifyS256(verifier, challenge string) bool {
	return verifierSyntax.MatchString(verifier) && Equal(Hash(verifier), challenge)
}
