package jose

import (
	"crypto"
	"io"
	"strings"
	"testing"
)

// token stands for a key in an HSM: all one can do is ask it to sign.
type token struct{ inner crypto.Signer }

func (t token) Public() crypto.PublicKey { return t.inner.Public() }
func (t token) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	return t.inner.Sign(random, digest, opts)
}

func TestSign(t *testing.T) {
	tests := []struct {
		name    string
		alg     Algorithm
		id, typ string
		payload string
		key     crypto.Signer
		want    error
	}{
		{"ES256", ES256, "ec", "JWT", samplePayload, ecPrivate, nil},
		{"PS256", PS256, "rsa", "JWT", samplePayload, rsaPrivate, nil},
		{"EdDSA", EdDSA, "ed", "JWT", samplePayload, edPrivate, nil},
		{"ES256 in a token", ES256, "ec", "JWT", samplePayload, token{ecPrivate}, nil},
		{"PS256 in a token", PS256, "rsa", "JWT", samplePayload, token{rsaPrivate}, nil},
		{"EdDSA in a token", EdDSA, "ed", "JWT", samplePayload, token{edPrivate}, nil},
		{"neither kid nor typ", ES256, "", "", `{}`, ecPrivate, nil},
		{"kid that looks like JSON", ES256, `a","alg":"none`, "", `{}`, ecPrivate, nil},
		{"none", "none", "a", "", `{}`, ecPrivate, ErrAlgorithm},
		{"RS256", "RS256", "a", "", `{}`, rsaPrivate, ErrAlgorithm},
		{"Ed25519 is only read", "Ed25519", "a", "", `{}`, edPrivate, ErrAlgorithm},
		{"BAD-17 ES256 with P-384", ES256, "a", "", `{}`, p384Private, ErrKey},
		{"ES256 with P-384 in a token", ES256, "a", "", `{}`, token{p384Private}, ErrKey},
		{"ES256 with RSA", ES256, "a", "", `{}`, rsaPrivate, ErrKey},
		{"no key", ES256, "a", "", `{}`, nil, ErrKey},
		{"kid with a line break", ES256, "a\n", "", `{}`, ecPrivate, ErrMalformed},
		{"typ beyond ASCII", ES256, "a", "é", `{}`, ecPrivate, ErrMalformed},
		{"payload empty", ES256, "a", "", ``, ecPrivate, ErrMalformed},
		{"payload an array", ES256, "a", "", `[]`, ecPrivate, ErrMalformed},
		{"payload with an injected claim", ES256, "a", "", `{"x":0,"admin":true,"admin":false}`, ecPrivate, ErrMalformed},
		{"payload too long", ES256, "a", "", `{"x":"` + strings.Repeat("a", MaxCompact) + `"}`, ecPrivate, ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			compact, err := Sign(test.alg, test.id, test.typ, []byte(test.payload), test.key)
			wantError(t, err, test.want)
			if err != nil {
				return
			}
			parsed, err := Parse(compact)
			if err != nil {
				t.Fatal(err)
			}
			if want := (Header{Algorithm: test.alg, KeyID: test.id, Type: test.typ}); parsed.Header != want {
				t.Errorf("header is %+v, want %+v", parsed.Header, want)
			}
			own := must(NewKey(test.key.Public(), test.id))
			if err := parsed.Verify(NewKeySet(own), test.alg); err != nil {
				t.Error(err)
			}
			if string(parsed.Payload()) != test.payload {
				t.Errorf("payload is %s", parsed.Payload())
			}
		})
	}
}

func TestSignHeaderOrder(t *testing.T) {
	compact := sign256(t, ES256, "k", `{}`, ecPrivate)
	if first, _, _ := strings.Cut(compact, "."); first != b64(`{"alg":"ES256","kid":"k","typ":"JWT"}`) {
		t.Errorf("header is %s", first)
	}
}

func TestSignProof(t *testing.T) {
	for alg, key := range map[Algorithm]crypto.Signer{ES256: ecPrivate, PS256: rsaPrivate, EdDSA: token{edPrivate}} {
		t.Run(string(alg), func(t *testing.T) {
			compact, err := SignProof(alg, "dpop+jwt", []byte(`{"htm":"POST"}`), key)
			if err != nil {
				t.Fatal(err)
			}
			proof, err := ParseProof(compact)
			if err != nil {
				t.Fatal(err)
			}
			if err := proof.VerifyWithOwnKey(alg); err != nil {
				t.Error(err)
			}
			if want := must(NewKey(key.Public(), "")).Thumbprint(); proof.Header.Key.Thumbprint() != want || proof.Header.Type != "dpop+jwt" {
				t.Errorf("header is %+v", proof.Header)
			}
			_, err = Parse(compact)
			wantError(t, err, ErrMalformed)
		})
	}
	_, err := SignProof(ES256, "dpop+jwt", []byte(`{}`), p384Private)
	wantError(t, err, ErrKey)
	_, err = SignProof(ES256, "dpop+jwt", []byte(`{}`), nil)
	wantError(t, err, ErrKey)
}
