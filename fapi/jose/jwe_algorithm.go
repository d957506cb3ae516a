package jose

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"strings"
)

// How the key of a JWE is conveyed (RFC 7518 §4.1). There is no other: not RSA1_5, whose
// padding is an oracle (CRY-8, FAPI 1.0 §8.6.1), not dir, which no public key can do, and
// not PBES2, where the sender chooses how long we work (BAD-60).
const (
	RSAOAEP      Algorithm = "RSA-OAEP"       // with SHA-1 and MGF1, §4.3
	RSAOAEP256   Algorithm = "RSA-OAEP-256"   // with SHA-256, §4.3
	ECDHES       Algorithm = "ECDH-ES"        // on P-256, the agreed key encrypts, §4.6
	ECDHESA128KW Algorithm = "ECDH-ES+A128KW" // the agreed key wraps another, §4.6
	ECDHESA256KW Algorithm = "ECDH-ES+A256KW"
)

// KeyManagement lists every algorithm by which the key of a JWE may come.
var KeyManagement = []Algorithm{RSAOAEP, RSAOAEP256, ECDHES, ECDHESA128KW, ECDHESA256KW}

// ParseKeyManagement reads an exact "alg" value of a JWE. The error wraps ErrAlgorithm.
func ParseKeyManagement(name string) (Algorithm, error) {
	for _, known := range KeyManagement {
		if name == string(known) {
			return known, nil
		}
	}
	return "", badAlgorithm("JWE alg is not one of RSA-OAEP, RSA-OAEP-256, ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW")
}

// agrees tells an algorithm that begins with a key agreement from one by RSA.
func (a Algorithm) agrees() bool { return strings.HasPrefix(string(a), "ECDH-ES") }

// wrapLength is the length in bytes of the key that wraps the content's key; 0 where none
// does.
func (a Algorithm) wrapLength() int {
	switch a {
	case ECDHESA128KW:
		return 16
	case ECDHESA256KW:
		return 32
	}
	return 0
}

// hash is the one of OAEP.
func (a Algorithm) hash() crypto.Hash {
	if a == RSAOAEP {
		return crypto.SHA1
	}
	return crypto.SHA256
}

// Agreer is a private key on P-256 that agrees with another on a secret: *ecdh.PrivateKey,
// or one in an HSM.
type Agreer interface {
	// Public is an *ecdh.PublicKey or *ecdsa.PublicKey.
	Public() crypto.PublicKey
	// ECDH answers the x coordinate of the shared point, 32 bytes (RFC 7518 §4.6).
	ECDH(remote *ecdh.PublicKey) ([]byte, error)
}

// NewEncryptionKey makes a public key of our own for others to encrypt to, from
// *rsa.PublicKey, or *ecdh.PublicKey or *ecdsa.PublicKey on P-256. It serves the one
// algorithm that it names. The error wraps ErrKey or ErrAlgorithm.
func NewEncryptionKey(public crypto.PublicKey, id string, algorithm Algorithm) (*Key, error) {
	if _, err := ParseKeyManagement(string(algorithm)); err != nil {
		return nil, err
	}
	if id != "" && !label(id).valid() {
		return nil, badKey("kid is not 1 to 256 printable ASCII characters")
	}
	if agreed, ok := public.(*ecdh.PublicKey); ok {
		point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), agreed.Bytes())
		if err != nil {
			return nil, badKey("EC key is not on P-256")
		}
		public = point
	}
	key, err := newKey(public)
	if err != nil {
		return nil, err
	}
	_, isRSA := key.public.(*rsa.PublicKey)
	_, isEC := key.public.(*ecdsa.PublicKey)
	if algorithm.agrees() && !isEC || !algorithm.agrees() && !isRSA {
		return nil, badKey("key does not serve the algorithm")
	}
	key.members.Kid, key.members.Use, key.members.Alg = id, useEncryption, string(algorithm)
	return key, nil
}

// KeyManagement is the algorithm that an encryption key names; "" for a signature key and
// for one that names none that we know.
func (k *Key) KeyManagement() Algorithm {
	if k.members.Use != useEncryption {
		return ""
	}
	algorithm, _ := ParseKeyManagement(k.members.Alg)
	return algorithm
}
