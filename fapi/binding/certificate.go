// Package binding ties tokens to a key that only their rightful sender holds:
// a TLS client certificate (RFC 8705) or a DPoP key (RFC 9449).
package binding

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
)

// Confirmation is the cnf claim of RFC 7800: how the holder of a token proves
// that it is theirs. Exactly one member is set.
type Confirmation struct {
	// CertificateThumbprint is the base64url SHA-256 of the DER certificate,
	// 43 characters (RFC 8705 §3.1).
	CertificateThumbprint string `json:"x5t#S256,omitempty"`
	// KeyThumbprint is the RFC 7638 SHA-256 thumbprint of the DPoP key
	// (RFC 9449 §6.1).
	KeyThumbprint string `json:"jkt,omitempty"`
}

// Thumbprint is the x5t#S256 of a DER certificate.
func Thumbprint(der []byte) string {
	sum := sha256.Sum256(der)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// HeldByCertificate tells whether the holder of a DER certificate may use a
// token that is bound as c says. A token without a certificate in its
// confirmation belongs to no certificate.
func (c Confirmation) HeldByCertificate(der []byte) bool {
	return c.CertificateThumbprint != "" && len(der) > 0 &&
		subtle.ConstantTimeCompare([]byte(Thumbprint(der)), []byte(c.CertificateThumbprint)) == 1
}
