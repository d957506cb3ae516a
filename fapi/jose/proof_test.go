package jose

import (
	"crypto/ed25519"
	"math/big"
	"testing"
)

// TestParseProof is BAD-133: what a DPoP proof may bring as jwk (RFC 9449 §4.3).
func TestParseProof(t *testing.T) {
	own := &ecPrivate.PublicKey
	weak := new(big.Int).Lsh(big.NewInt(1), 1023)
	weak.SetBit(weak, 0, 1)
	offCurve := okEC(`"x":"` + b64(string(make([]byte, 32))) + `","y":"` + b64(string(append(make([]byte, 31), 1))) + `"`)
	tests := []struct {
		name, header  string
		parse, verify error
	}{
		{"own key", withJWK(ecJWK(own, "")), nil, nil},
		{"own key with a kid", withJWK(ecJWK(own, `,"kid":"a"`)), nil, nil},
		{"BAD-133 jwk missing", `{"alg":"ES256","typ":"dpop+jwt"}`, ErrMalformed, nil},
		{"BAD-133 jwk null", withJWK(`null`), ErrMalformed, nil},
		{"BAD-133 jwk a string", withJWK(`"key"`), ErrMalformed, nil},
		{"BAD-133 private", withJWK(ecJWK(own, `,"d":"AAAA"`)), ErrKey, nil},
		{"BAD-133 private by null", withJWK(ecJWK(own, `,"d":null`)), ErrKey, nil},
		{"BAD-133 oct", withJWK(`{"kty":"oct","k":"AAAA"}`), ErrKey, nil},
		{"BAD-133 RSA of 1024 bits", `{"alg":"PS256","jwk":` + rsaJWK(weak, "AQAB", "") + `}`, ErrKey, nil},
		{"BAD-133 key is not the signer's", withJWK(ecJWK(&ecOther.PublicKey, "")), nil, ErrSignature},
		{"BAD-133 point off the curve", withJWK(offCurve), ErrKey, nil},
		{"P-384 under ES256", withJWK(ecJWK(&p384Private.PublicKey, "")), ErrKey, nil},
		{"Ed25519 key under ES256", withJWK(okpJWK(edKey(), "")), nil, ErrKey},
		{"encryption key", withJWK(ecJWK(own, `,"use":"enc"`)), nil, ErrKey},
		{"repeated member in jwk", withJWK(ecJWK(own, `,"kty":"EC"`)), ErrMalformed, nil},
		{"case variant in jwk", withJWK(ecJWK(own, `,"D":"AAAA"`)), ErrMalformed, nil},
		{"BAD-132 none", `{"alg":"none","jwk":` + ecJWK(own, "") + `}`, ErrAlgorithm, nil},
		{"BAD-132 RS256", `{"alg":"RS256","jwk":` + ecJWK(own, "") + `}`, ErrAlgorithm, nil},
		{"BAD-132 HS256", `{"alg":"HS256","jwk":` + ecJWK(own, "") + `}`, ErrAlgorithm, nil},
		{"BAD-132 alg missing", `{"jwk":` + ecJWK(own, "") + `}`, ErrAlgorithm, nil},
		{"BAD-22 crit", `{"alg":"ES256","crit":["b64"],"jwk":` + ecJWK(own, "") + `}`, ErrMalformed, nil},
		{"BAD-21 jku beside jwk", `{"alg":"ES256","jku":"https://e","jwk":` + ecJWK(own, "") + `}`, ErrMalformed, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			proof, err := ParseProof(forge(test.header, samplePayload))
			wantError(t, err, test.parse, "AAAA")
			if err == nil {
				wantError(t, proof.VerifyWithOwnKey(everyAlg...), test.verify)
			}
		})
	}
}

// TestOwnKeyIsNoTrust: a key that came in a header never serves Verify, and an object not
// read as a proof has no own key (BAD-21).
func TestOwnKeyIsNoTrust(t *testing.T) {
	proof, err := ParseProof(forge(withJWK(ecJWK(&ecPrivate.PublicKey, "")), samplePayload))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, proof.Verify(NewKeySet(), ES256), ErrKey)
	wantError(t, proof.VerifyWithOwnKey(), ErrAlgorithm)
	wantError(t, proof.VerifyWithOwnKey(PS256), ErrAlgorithm)
	if got := proof.Header.Key.Thumbprint(); got != ecKeyPublic.Thumbprint() {
		t.Errorf("thumbprint is %s", got)
	}
	plain, err := Parse(forge(`{"alg":"ES256"}`, samplePayload))
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, plain.VerifyWithOwnKey(ES256), ErrKey)
}

func okEC(coordinates string) string { return `{"kty":"EC","crv":"P-256",` + coordinates + `}` }

func edKey() []byte { return edKeyPublic.Public().(ed25519.PublicKey) }
