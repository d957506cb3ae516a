package rig

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"sync"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Key signs for a client.
type Key struct {
	ID        string
	Algorithm string
	crypto.Signer
}

// ES256Key is a new P-256 key.
func ES256Key() Key { return Key{oauth.NewID(), "ES256", must(newEC(elliptic.P256()))} }

// rsaKey is made once: it takes long, and tests of PS256 need no more.
var rsaKey = sync.OnceValue(func() *rsa.PrivateKey { return must(rsa.GenerateKey(rand.Reader, 2048)) })

// PS256Key is an RSA key of 2048 bits.
func PS256Key() Key { return Key{oauth.NewID(), "PS256", rsaKey()} }

func newEC(curve elliptic.Curve) (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(curve, rand.Reader)
}

// JWKS is the set of the public halves, as a client registers it.
func JWKS(keys ...Key) json.RawMessage {
	var public []*jose.Key
	for _, key := range keys {
		public = append(public, must(jose.NewKey(key.Public(), key.ID)))
	}
	return must(jose.NewKeySet(public...).MarshalJSON())
}

// Sign makes the signature of a JWS; it signs whatever it is given.
type Sign func(input string) []byte

// Honest signs as the key's algorithm asks.
func (k Key) Honest() Sign {
	switch key := k.Signer.(type) {
	case *ecdsa.PrivateKey:
		return ECDSA(key)
	case *rsa.PrivateKey:
		return func(input string) []byte {
			return must(rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest(input), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}))
		}
	}
	panic("no such key")
}

// ECDSA signs with SHA-256 whatever the curve is.
func ECDSA(key *ecdsa.PrivateKey) Sign {
	return func(input string) []byte {
		r, s, err := ecdsa.Sign(rand.Reader, key, digest(input))
		if err != nil {
			panic(err)
		}
		size := (key.Params().BitSize + 7) / 8
		raw := make([]byte, 2*size)
		r.FillBytes(raw[:size])
		s.FillBytes(raw[size:])
		return raw
	}
}

// P384 signs with a key of another curve.
func P384() Sign { return ECDSA(must(newEC(elliptic.P384()))) }

// RS256 is PKCS #1 v1.5, which no FAPI 2.0 client may use.
func RS256() Sign {
	return func(input string) []byte {
		return must(rsa.SignPKCS1v15(rand.Reader, rsaKey(), crypto.SHA256, digest(input)))
	}
}

// HS256 takes bytes that everybody knows for a secret.
func HS256(secret []byte) Sign {
	return func(input string) []byte {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(input))
		return mac.Sum(nil)
	}
}

// Constant is no signature at all.
func Constant(signature []byte) Sign { return func(string) []byte { return signature } }

func digest(input string) []byte {
	sum := sha256.Sum256([]byte(input))
	return sum[:]
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

// must is for what fails only where the machine does.
func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}
