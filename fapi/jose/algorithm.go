package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
)

// Algorithm is an "alg" value, spelled as we write it: of a JWS here, of a JWE in
// jwe_algorithm.go. Either kind is refused where the other belongs.
type Algorithm string

// The signature algorithms of CRY-1 (FAPI 2.0 Security Profile §5.4.1). There is no other: not
// none, not RS256, no HMAC.
const (
	ES256 Algorithm = "ES256" // ECDSA on P-256 with SHA-256, RFC 7518 §3.4
	PS256 Algorithm = "PS256" // RSASSA-PSS with SHA-256 and a 32-byte salt, RFC 7518 §3.5
	EdDSA Algorithm = "EdDSA" // Ed25519 only, RFC 8037 §3.1
)

// RSA modulus bounds in bits. CRY-2 sets the lower one; the upper one is ours, so that
// a client's key cannot make one verification cost milliseconds.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// ParseAlgorithm reads an exact "alg" value; "None", "es256" and "" are unknown.
// "Ed25519" is RFC 9864's name for EdDSA with that curve and reads as EdDSA.
// The error wraps ErrAlgorithm.
func ParseAlgorithm(name string) (Algorithm, error) {
	switch name {
	case "ES256":
		return ES256, nil
	case "PS256":
		return PS256, nil
	case "EdDSA", "Ed25519":
		return EdDSA, nil
	}
	return "", badAlgorithm("not one of ES256, PS256, EdDSA")
}

// algorithmOf tells the one algorithm a public key can serve, by its type, curve and
// size. A key serves a single algorithm, so that no header can turn one to another
// use (THR-4, algorithm confusion).
func algorithmOf(public crypto.PublicKey) (Algorithm, error) {
	switch key := public.(type) {
	case *ecdsa.PublicKey:
		if key == nil || key.Curve != elliptic.P256() {
			return "", badKey("EC key is not on P-256")
		}
		return ES256, nil
	case *rsa.PublicKey:
		return PS256, checkRSA(key)
	case ed25519.PublicKey:
		return EdDSA, checkEd25519(key)
	}
	return "", badKey("not an EC, RSA or Ed25519 public key")
}

func checkRSA(key *rsa.PublicKey) error {
	switch {
	case key == nil || key.N == nil || key.N.Sign() <= 0:
		return badKey("RSA modulus is missing")
	case key.N.BitLen() < minRSABits:
		return badKey("RSA modulus is shorter than 2048 bits") // CRY-2, BAD-18
	case key.N.BitLen() > maxRSABits:
		return badKey("RSA modulus is longer than 8192 bits")
	case key.N.Bit(0) == 0:
		return badKey("RSA modulus is even")
	case key.E < 3 || key.E > 1<<31-1 || key.E%2 == 0:
		return badKey("RSA exponent is not an odd number of 3 to 2^31-1")
	}
	return nil
}
