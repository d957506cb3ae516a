package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"math/big"
	"strings"
	"testing"
)

var (
	ecPrivate     = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	ecOther       = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p384Private   = must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader))
	rsaPrivate    = must(rsa.GenerateKey(rand.Reader, 2048))
	edPrivate     = ed25519.NewKeyFromSeed(make([]byte, 32))
	ecKeyPublic   = must(NewKey(ecPrivate.Public(), "ec"))
	rsaKeyPublic  = must(NewKey(rsaPrivate.Public(), "rsa"))
	edKeyPublic   = must(NewKey(edPrivate.Public(), "ed"))
	everyAlg      = []Algorithm{ES256, PS256, EdDSA}
	allKeys       = NewKeySet(ecKeyPublic, rsaKeyPublic, edKeyPublic)
	samplePayload = `{"iss":"client-1","sub":"client-1","aud":"https://as.example","jti":"b7c1","exp":1893456000,"iat":1893455940}`
)

// b64 is deliberately not the package's own encoder.
func b64(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// es256 signs input as RFC 7518 §3.4 says, without the package.
func es256(key *ecdsa.PrivateKey, input string) string {
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		panic(err)
	}
	size := (key.Curve.Params().BitSize + 7) / 8
	raw := make([]byte, 2*size)
	r.FillBytes(raw[:size])
	s.FillBytes(raw[size:])
	return string(raw)
}

// forge makes a compact JWS with a sound ES256 signature around any header and payload.
func forge(header, payload string) string {
	input := b64(header) + "." + b64(payload)
	return input + "." + b64(es256(ecPrivate, input))
}

// withJWK is a proof header that brings this jwk.
func withJWK(jwk string) string { return `{"alg":"ES256","typ":"dpop+jwt","jwk":` + jwk + `}` }

func sign256(t testing.TB, alg Algorithm, id string, payload string, key crypto.Signer) string {
	t.Helper()
	compact, err := Sign(alg, id, "JWT", []byte(payload), key)
	if err != nil {
		t.Fatalf("Sign(%s): %v", alg, err)
	}
	return compact
}

// wantError fails unless err wraps want, and if it quotes the given input.
func wantError(t *testing.T, err, want error, inputs ...string) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("error is %v, want %v", err, want)
	}
	for _, input := range inputs {
		if err != nil && input != "" && strings.Contains(err.Error(), input) {
			t.Errorf("error %q quotes the input", err)
		}
	}
}

func ecJWK(key *ecdsa.PublicKey, extra string) string {
	point := must(key.Bytes())
	half := len(point) / 2
	return `{"kty":"EC","crv":"` + key.Curve.Params().Name + `","x":"` + b64(string(point[1:half+1])) +
		`","y":"` + b64(string(point[half+1:])) + `"` + extra + `}`
}

func rsaJWK(n *big.Int, e, extra string) string {
	return `{"kty":"RSA","n":"` + b64(string(n.Bytes())) + `","e":"` + e + `"` + extra + `}`
}

func okpJWK(x []byte, extra string) string {
	return `{"kty":"OKP","crv":"Ed25519","x":"` + b64(string(x)) + `"` + extra + `}`
}

// swap replaces one of the three parts of a compact form.
func swap(compact string, part int, with string) string {
	parts := strings.Split(compact, ".")
	parts[part] = with
	return strings.Join(parts, ".")
}

func signatureOf(compact string) string {
	raw := must(base64.RawURLEncoding.DecodeString(compact[strings.LastIndexByte(compact, '.')+1:]))
	return string(raw)
}

func digestOf(compact string) []byte {
	digest := sha256.Sum256([]byte(compact[:strings.LastIndexByte(compact, '.')]))
	return digest[:]
}

func twice(raw []byte) []byte { return append(append([]byte(nil), raw...), raw...) }
