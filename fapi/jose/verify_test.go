package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"strconv"
	"testing"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

func TestVerify(t *testing.T) {
	es, ps, ed := sign256(t, ES256, "ec", samplePayload, ecPrivate), sign256(t, PS256, "rsa", samplePayload, rsaPrivate), sign256(t, EdDSA, "ed", samplePayload, edPrivate)
	anonymous := sign256(t, ES256, "", samplePayload, ecPrivate)
	encryption := must(ParseKey([]byte(ecJWK(&ecPrivate.PublicKey, `,"use":"enc","kid":"ec"`))))
	unmarked := must(ParseKey([]byte(ecJWK(&ecPrivate.PublicKey, ""))))
	other := must(NewKey(ecOther.Public(), "ec"))
	edAsEC := must(NewKey(edPrivate.Public(), "ec"))
	tests := []struct {
		name    string
		compact string
		keys    *KeySet
		allowed []Algorithm
		want    error
	}{
		{"ES256", es, allKeys, everyAlg, nil},
		{"PS256", ps, allKeys, everyAlg, nil},
		{"EdDSA", ed, allKeys, everyAlg, nil},
		{"CRY-7 nothing is allowed by default", es, allKeys, nil, ErrAlgorithm},
		{"CRY-7 another algorithm is allowed", es, allKeys, []Algorithm{PS256, EdDSA}, ErrAlgorithm},
		{"BAD-19 kid unknown", sign256(t, ES256, "new", samplePayload, ecPrivate), allKeys, everyAlg, ErrKey},
		{"BAD-20 kid as a path", sign256(t, ES256, "../../etc/passwd", samplePayload, ecPrivate), allKeys, everyAlg, ErrKey},
		{"kid differs by case", sign256(t, ES256, "EC", samplePayload, ecPrivate), allKeys, everyAlg, ErrKey},
		{"THR-4 kid names a key of another algorithm", sign256(t, ES256, "rsa", samplePayload, ecPrivate), allKeys, everyAlg, ErrKey},
		{"without kid every fitting key is tried", anonymous, NewKeySet(rsaKeyPublic, other, ecKeyPublic), everyAlg, nil},
		{"without kid a key without use serves", anonymous, NewKeySet(unmarked), everyAlg, nil},
		{"with kid a key without kid does not serve", es, NewKeySet(unmarked), everyAlg, ErrKey},
		{"no keys", es, NewKeySet(), everyAlg, ErrKey},
		{"nil set", es, nil, everyAlg, ErrKey},
		{"encryption key with the kid", es, NewKeySet(encryption), everyAlg, ErrKey},
		{"encryption key without kid in the header", anonymous, NewKeySet(encryption), everyAlg, ErrKey},
		{"CRY-6 duplicate kid, second key is the one", es, NewKeySet(other, ecKeyPublic), everyAlg, nil},
		{"CRY-6 duplicate kid, one of another kty", es, NewKeySet(edAsEC, encryption, ecKeyPublic), everyAlg, nil},
		{"kid of a key that did not sign", es, NewKeySet(other, unmarked), everyAlg, ErrSignature},
		{"payload changed", swap(es, 1, b64(`{"iss":"evil"}`)), allKeys, everyAlg, ErrSignature},
		{"header changed", swap(es, 0, b64(`{"alg":"ES256","kid":"ec","typ":"at+jwt"}`)), allKeys, everyAlg, ErrSignature},
		{"BAD-17 r=0, s=0", swap(es, 2, b64(string(make([]byte, 64)))), allKeys, everyAlg, ErrSignature},
		{"BAD-17 r=n, s=n", swap(es, 2, b64(string(twice(elliptic.P256().Params().N.Bytes())))), allKeys, everyAlg, ErrSignature},
		{"BAD-17 signature of P-384", swap(es, 2, b64(es256(p384Private, "x"))), allKeys, everyAlg, ErrSignature},
		{"signature in ASN.1", swap(es, 2, b64(string(asn1Signature(t, es)))), allKeys, everyAlg, ErrSignature},
		{"signature with a leading zero", swap(es, 2, b64("\x00"+signatureOf(es))), allKeys, everyAlg, ErrSignature},
		{"signature of one byte", swap(es, 2, "AA"), allKeys, everyAlg, ErrSignature},
		{"EdDSA signature too short", swap(ed, 2, "AA"), allKeys, everyAlg, ErrSignature},
		{"PS256 signature too short", swap(ps, 2, "AA"), allKeys, everyAlg, ErrSignature},
		{"PS256 salt of another length", swap(ps, 2, b64(string(pssSignature(t, ps, 20)))), allKeys, everyAlg, ErrSignature},
		{"BAD-16 RS256 signature under PS256", swap(ps, 2, b64(string(pkcs1Signature(t, ps)))), allKeys, everyAlg, ErrSignature},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			parsed, err := Parse(test.compact)
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, parsed.Verify(test.keys, test.allowed...), test.want)
		})
	}
}

// TestPublicKeyAsSecret is BAD-16: HS256 with the public key's text as the secret. The
// name is refused, and a changed name does not turn the MAC into a signature.
func TestPublicKeyAsSecret(t *testing.T) {
	der := must(x509.MarshalPKIXPublicKey(rsaPrivate.Public()))
	for _, name := range []string{"HS256", "PS256"} {
		input := b64(`{"alg":"`+name+`"}`) + "." + b64(samplePayload)
		mac := hmac.New(sha256.New, der)
		mac.Write([]byte(input))
		parsed, err := Parse(input + "." + b64(string(mac.Sum(nil))))
		if name == "HS256" {
			wantError(t, err, ErrAlgorithm)
			continue
		}
		wantError(t, parsed.Verify(allKeys, everyAlg...), ErrSignature)
	}
}

// TestP384UnderES256 is BAD-17. jwx signs and verifies it; that is shown first, so that
// the test tells when the reason for our check is gone.
func TestP384UnderES256(t *testing.T) {
	made, err := jws.Sign([]byte(samplePayload), jws.WithKey(jwa.ES256, p384Private))
	if err != nil {
		t.Fatalf("jwx no longer signs ES256 with P-384: %v; this test needs another way to make such a token", err)
	}
	if _, err := NewKey(p384Private.Public(), ""); err == nil {
		t.Error("NewKey took a P-384 key")
	}
	parsed, err := Parse(string(made))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, parsed.Verify(allKeys, everyAlg...), ErrSignature)
	// Even a Key made without NewKey's check has no algorithm of ours.
	_, err = algorithmOf(p384Private.Public())
	wantError(t, err, ErrKey)
}

// TestTriesSixteen is CRY-6 with our cap: the 16th fitting key counts, the 17th does not.
func TestTriesSixteen(t *testing.T) {
	for position, want := range map[int]error{16: nil, 17: ErrSignature} {
		keys := []*Key{rsaKeyPublic, edKeyPublic} // these do not fit, so are not counted
		for range position - 1 {
			keys = append(keys, must(NewKey(ecOther.Public(), "")))
		}
		keys = append(keys, must(NewKey(ecPrivate.Public(), "")))
		t.Run("position "+strconv.Itoa(position), func(t *testing.T) {
			parsed, err := Parse(sign256(t, ES256, "", samplePayload, ecPrivate))
			if err != nil {
				t.Fatal(err)
			}
			wantError(t, parsed.Verify(NewKeySet(keys...), ES256), want)
		})
	}
}

func TestZeroSigned(t *testing.T) {
	wantError(t, (&Signed{}).Verify(NewKeySet(&Key{}), ""), ErrSignature)
}

func asn1Signature(t *testing.T, compact string) []byte {
	t.Helper()
	digest := digestOf(compact)
	return must(ecdsa.SignASN1(rand.Reader, ecPrivate, digest))
}

func pssSignature(t *testing.T, compact string, salt int) []byte {
	t.Helper()
	return must(rsa.SignPSS(rand.Reader, rsaPrivate, crypto.SHA256, digestOf(compact), &rsa.PSSOptions{SaltLength: salt}))
}

func pkcs1Signature(t *testing.T, compact string) []byte {
	t.Helper()
	return must(rsa.SignPKCS1v15(nil, rsaPrivate, crypto.SHA256, digestOf(compact)))
}
