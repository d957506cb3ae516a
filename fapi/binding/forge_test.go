package binding

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

type object = map[string]any

var text = base64.RawURLEncoding.EncodeToString

// header is of a sound proof by a key, with some set otherwise; nil leaves one
// out.
func header(key *ecdsa.PrivateKey, change object) object {
	of := object{"typ": "dpop+jwt", "alg": "ES256", "jwk": publicJWK(key)}
	maps.Copy(of, change)
	maps.DeleteFunc(of, func(_ string, value any) bool { return value == nil })
	return of
}

func publicJWK(key *ecdsa.PrivateKey) object {
	point, err := key.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		panic(err)
	}
	return object{"kty": "EC", "crv": "P-256", "x": text(point[1:33]), "y": text(point[33:])}
}

// forge signs with a P-256 key by its own hand, so that what our own signer
// would refuse to make can be made too.
func forge(header, claims object, key *ecdsa.PrivateKey) string {
	input := encode(header) + "." + encode(claims)
	digest := sha256.Sum256([]byte(input))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		panic(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return input + "." + text(signature)
}

func encode(value object) string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text(raw)
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// TestForgedHeader is BAD-132 and BAD-133: what no honest signer makes.
func TestForgedHeader(t *testing.T) {
	key := newKey(t)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	private, offCurve := publicJWK(key), publicJWK(key)
	private["d"], offCurve["y"] = text(make([]byte, 32)), text(make([]byte, 32))
	for _, row := range []struct {
		name   string
		change object
		want   string
	}{
		{"sound", nil, ""},
		{"unknown headers are ignored", object{"kid": "k", "x-made": object{"up": 1}}, ""},
		{"alg none (BAD-132)", object{"alg": "none"}, "well-formed"},
		{"alg RS256 (BAD-132)", object{"alg": "RS256"}, "well-formed"},
		{"alg HS256 (BAD-132)", object{"alg": "HS256"}, "well-formed"},
		{"no alg (BAD-132)", object{"alg": nil}, "well-formed"},
		{"alg of another kind of key", object{"alg": "PS256"}, "signature"},
		{"no jwk (BAD-133)", object{"jwk": nil}, "well-formed"},
		{"jwk with d (BAD-133)", object{"jwk": private}, "well-formed"},
		{"symmetric jwk (BAD-133)", object{"jwk": object{"kty": "oct", "k": "AAAA"}}, "well-formed"},
		{"RSA of 1024 bits (BAD-133)", object{"alg": "PS256", "jwk": object{"kty": "RSA", "e": "AQAB", "n": text(rsaKey.N.Bytes()[:128])}}, "well-formed"},
		{"jwk off the curve (BAD-133)", object{"jwk": offCurve}, "well-formed"},
		{"another's jwk (BAD-133)", object{"jwk": publicJWK(newKey(t))}, "signature"},
		{"crit", object{"crit": []string{"exp"}}, "well-formed"},
	} {
		t.Run(row.name, func(t *testing.T) {
			of := terms()
			of.Algorithms = append(of.Algorithms, jose.PS256)
			got, err := VerifyProof(forge(header(key, row.change), claims(nil), key), of)
			verdict(t, got, err, row.want)
		})
	}
}

// TestForgedParts: claims and signatures of others, and JSON that two readers
// could read differently.
func TestForgedParts(t *testing.T) {
	key := newKey(t)
	for name, change := range map[string]object{
		"a claim that differs by case":   {"HTM": "GET"},
		"an iat below zero (BAD-134)":    {"iat": -1},
		"an htm in a list (BAD-134)":     {"htm": []string{"POST"}},
		"a nonce that is no text":        {"nonce": 1},
		"an exp that is no number":       {"exp": "never"},
		"an ath that is no text (CRY-5)": {"ath": 1},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := VerifyProof(forge(header(key, nil), claims(change), key), terms())
			verdict(t, got, err, "wrong kind")
		})
	}
	if got, err := VerifyProof(forge(header(key, nil), claims(object{"iat": float64(at(0)) - 0.25}), key), terms()); err != nil {
		t.Errorf("an iat with a fraction: %v, %v", got, err)
	}
}

// TestAlgorithms: each of CRY-1 proves possession of its key.
func TestAlgorithms(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for algorithm, key := range map[jose.Algorithm]crypto.Signer{jose.ES256: newKey(t), jose.PS256: rsaKey, jose.EdDSA: edKey} {
		of := terms()
		of.Algorithms = []jose.Algorithm{algorithm}
		got, err := VerifyProof(proofBy(t, algorithm, "dpop+jwt", nil, key), of)
		if err != nil || !ValidThumbprint(got.KeyThumbprint) {
			t.Errorf("%s: %+v, %v", algorithm, got, err)
		}
	}
}

// TestForgottenNeverMetAgain: whoever forgets a proof when it expires does not
// meet it again; a moment before, it may still come.
func TestForgottenNeverMetAgain(t *testing.T) {
	key := newKey(t)
	for _, iat := range []float64{0, -60, +30, -0.5} {
		compact := forge(header(key, nil), claims(object{"iat": float64(at(0)) + iat}), key)
		proof, err := VerifyProof(compact, terms())
		if err != nil {
			t.Fatal(err)
		}
		later := terms()
		later.Now = proof.Expires
		got, err := VerifyProof(compact, later)
		verdict(t, got, err, "iat")
		later.Now = proof.Expires.Add(-time.Second)
		if _, err := VerifyProof(compact, later); err != nil {
			t.Errorf("iat %+v: forgotten later than it need be: %v", iat, err)
		}
	}
}
