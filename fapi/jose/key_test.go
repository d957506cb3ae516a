package jose

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"math/big"
	"strings"
	"testing"
	"time"
)

// odd makes an odd number of exactly so many bits; nobody factors it here.
func odd(bits int) *big.Int {
	n := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return n.SetBit(n, 0, 1)
}

func TestParseKey(t *testing.T) {
	ec, n := &ecPrivate.PublicKey, rsaPrivate.N
	x, y := ecKeyPublic.members.X, ecKeyPublic.members.Y
	identity := append([]byte{1}, make([]byte, 31)...)
	signed := append(append([]byte{1}, make([]byte, 30)...), 0x80)
	tests := []struct {
		name, jwk string
		want      error
	}{
		{"EC on P-256", ecJWK(ec, ""), nil},
		{"RSA of 2048 bits", rsaJWK(n, "AQAB", ""), nil},
		{"RSA of 8192 bits", rsaJWK(odd(8192), "AQAB", ""), nil},
		{"RSA with e=3", rsaJWK(n, "Aw", ""), nil},
		{"OKP with Ed25519", okpJWK(edKey(), ""), nil},
		{"all public members", ecJWK(ec, `,"kid":"a","use":"sig","alg":"ES256","key_ops":["verify"]`), nil},
		{"RFC 9864 name of EdDSA", okpJWK(edKey(), `,"alg":"Ed25519"`), nil},
		{"unknown members are ignored", ecJWK(ec, `,"x5t":"abc","nbf":1,"ext":true`), nil},
		{"encryption key with a JWE alg", rsaJWK(n, "AQAB", `,"use":"enc","alg":"RSA-OAEP-256"`), nil},

		{"BAD-133 EC private", ecJWK(ec, `,"d":"AAAA"`), ErrKey},
		{"BAD-133 RSA private by p alone", rsaJWK(n, "AQAB", `,"p":"AAAA"`), ErrKey},
		{"BAD-133 RSA private by q alone", rsaJWK(n, "AQAB", `,"q":"AAAA"`), ErrKey},
		{"BAD-133 RSA private by dp alone", rsaJWK(n, "AQAB", `,"dp":"AAAA"`), ErrKey},
		{"BAD-133 RSA private by dq alone", rsaJWK(n, "AQAB", `,"dq":"AAAA"`), ErrKey},
		{"BAD-133 RSA private by qi alone", rsaJWK(n, "AQAB", `,"qi":"AAAA"`), ErrKey},
		{"BAD-133 RSA private by oth alone", rsaJWK(n, "AQAB", `,"oth":[]`), ErrKey},
		{"k beside a public key", ecJWK(ec, `,"k":"AAAA"`), ErrKey},
		{"BAD-133 symmetric", `{"kty":"oct","k":"AAAA"}`, ErrKey},
		{"oct without k", `{"kty":"oct"}`, ErrKey},
		{"private key of an unknown kty", `{"kty":"AKP","alg":"ML-DSA-44","pub":"AAAA","priv":"AAAA"}`, ErrKey},

		{"BAD-18 RSA of 1024 bits", rsaJWK(odd(1024), "AQAB", ""), ErrKey},
		{"CRY-2 RSA of 2047 bits", rsaJWK(odd(2047), "AQAB", ""), ErrKey},
		{"RSA of 8193 bits", rsaJWK(odd(8193), "AQAB", ""), ErrKey},
		{"RSA even modulus", rsaJWK(new(big.Int).Add(odd(2048), big.NewInt(1)), "AQAB", ""), ErrKey},
		{"RSA e=1", rsaJWK(n, "AQ", ""), ErrKey},
		{"RSA e=2", rsaJWK(n, "Ag", ""), ErrKey},
		{"RSA e=4", rsaJWK(n, "BA", ""), ErrKey},
		{"RSA e=2^64+65537, which wraps to 65537", rsaJWK(n, "AQAAAAAAAQAB", ""), ErrKey},
		{"RSA e of 32 bits", rsaJWK(n, "_____w", ""), ErrKey},
		{"RSA e of 40 bits", rsaJWK(n, "AQAAAAE", ""), ErrKey},
		{"RSA e with a leading zero", rsaJWK(n, "AAEAAQ", ""), ErrMalformed},
		{"RSA n with a leading zero", `{"kty":"RSA","e":"AQAB","n":"` + b64("\x00"+string(n.Bytes())) + `"}`, ErrMalformed},
		{"RSA without n", `{"kty":"RSA","e":"AQAB"}`, ErrMalformed},
		{"RSA without e", `{"kty":"RSA","n":"` + b64(string(n.Bytes())) + `"}`, ErrMalformed},

		{"BAD-133 point off the curve", okEC(`"x":"` + x + `","y":"` + x + `"`), ErrKey},
		{"point at 0,0", okEC(`"x":"` + b64(string(make([]byte, 32))) + `","y":"` + b64(string(make([]byte, 32))) + `"`), ErrKey},
		{"x beyond the field", okEC(`"x":"` + b64(strings.Repeat("\xff", 32)) + `","y":"` + y + `"`), ErrKey},
		{"x of 31 bytes", okEC(`"x":"` + b64(string(make([]byte, 31))) + `","y":"` + y + `"`), ErrMalformed},
		{"x of 33 bytes", okEC(`"x":"` + b64(string(make([]byte, 33))) + `","y":"` + y + `"`), ErrMalformed},
		{"x with padding", okEC(`"x":"` + x + `=","y":"` + y + `"`), ErrMalformed},
		{"x with a line break", okEC(`"x":"\n` + x + `","y":"` + y + `"`), ErrMalformed},
		{"y missing", okEC(`"x":"` + x + `"`), ErrMalformed},
		{"y null", okEC(`"x":"` + x + `","y":null`), ErrMalformed},
		{"P-384", ecJWK(&p384Private.PublicKey, ""), ErrKey},
		{"P-256 by a wrong name", `{"kty":"EC","crv":"p-256","x":"` + x + `","y":"` + y + `"}`, ErrKey},

		{"Ed25519 of 31 bytes", okpJWK(edKey()[1:], ""), ErrMalformed},
		{"Ed25519 identity point", okpJWK(identity, ""), ErrKey},
		{"Ed25519 identity point with the sign bit", okpJWK(signed, ""), ErrKey},
		{"Ed25519 point of order 4", okpJWK(make([]byte, 32), ""), ErrKey},
		{"BAD-17 Ed448", `{"kty":"OKP","crv":"Ed448","x":"` + b64(strings.Repeat("a", 57)) + `"}`, ErrKey},
		{"X25519", `{"kty":"OKP","crv":"X25519","x":"` + b64(string(edKey())) + `"}`, ErrKey},

		{"alg of another kind of key", ecJWK(ec, `,"alg":"PS256"`), ErrKey},
		{"RS256 key", rsaJWK(n, "AQAB", `,"alg":"RS256"`), ErrKey},
		{"signature alg on an encryption key", ecJWK(ec, `,"use":"enc","alg":"ES256"`), ErrKey},
		{"use of its own", ecJWK(ec, `,"use":"tls"`), ErrKey},
		{"key_ops without verify", ecJWK(ec, `,"key_ops":["deriveBits"]`), ErrKey},
		{"kid a number", ecJWK(ec, `,"kid":1`), ErrMalformed},
		{"kid null", ecJWK(ec, `,"kid":null`), ErrMalformed},
		{"kid empty", ecJWK(ec, `,"kid":""`), ErrMalformed},
		{"kty missing", `{"crv":"P-256"}`, ErrMalformed},
		{"kty twice", ecJWK(ec, `,"kty":"EC"`), ErrMalformed},
		{"THR-19 D for d", ecJWK(ec, `,"D":"AAAA"`), ErrMalformed},
		{"THR-19 Use for use", ecJWK(ec, `,"Use":"enc"`), ErrMalformed},
		{"an array", `[]`, ErrMalformed},
		{"two keys", ecJWK(ec, "") + ecJWK(ec, ""), ErrMalformed},
		{"longer than 64 KiB", ecJWK(ec, `,"pad":"`+strings.Repeat("a", maxKeyBytes)+`"`), ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := ParseKey([]byte(test.jwk))
			wantError(t, err, test.want, "AAAA", x)
			if (key == nil) != (test.want != nil) {
				t.Errorf("key is %v", key)
			}
		})
	}
}

// TestThumbprint takes the examples of RFC 7638 §3.1, RFC 8037 A.3 and RFC 9449 §6.1.
func TestThumbprint(t *testing.T) {
	tests := []struct{ name, jwk, want string }{
		{"RFC 7638", `{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","kid":"2011-04-29"}`, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"},
		{"RFC 8037", `{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"},
		{"RFC 9449", `{"kty":"EC","x":"l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs","y":"9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA","crv":"P-256"}`, "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := ParseKey([]byte(test.jwk))
			if err != nil {
				t.Fatal(err)
			}
			if got := key.Thumbprint(); got != test.want {
				t.Errorf("thumbprint is %s, want %s", got, test.want)
			}
		})
	}
}

func TestNewKey(t *testing.T) {
	tests := []struct {
		name   string
		public crypto.PublicKey
		id     string
		want   error
	}{
		{"P-256", ecPrivate.Public(), "a", nil},
		{"RSA-2048", rsaPrivate.Public(), "a", nil},
		{"Ed25519", edPrivate.Public(), "a", nil},
		{"no kid", ecPrivate.Public(), "", nil},
		{"kid beyond ASCII", ecPrivate.Public(), "é", ErrKey},
		{"P-384", p384Private.Public(), "a", ErrKey},
		{"RSA-1024", &rsa.PublicKey{N: odd(1024), E: 65537}, "a", ErrKey},
		{"off the curve", &ecdsa.PublicKey{Curve: ecPrivate.Curve, X: big.NewInt(1), Y: big.NewInt(1)}, "a", ErrKey}, //nolint:staticcheck // a bad key cannot be made the good way
		{"private", ecPrivate, "a", ErrKey},
		{"Ed25519 too short", ed25519.PublicKey{1}, "a", ErrKey},
		{"nil", nil, "a", ErrKey},
		{"typed nil", (*ecdsa.PublicKey)(nil), "a", ErrKey},
		{"RSA without modulus", &rsa.PublicKey{}, "a", ErrKey},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := NewKey(test.public, test.id)
			wantError(t, err, test.want)
		})
	}
}

// TestKeyWritesPublicMembersOnly is BAD-191, and that a kid cannot smuggle a member in,
// as a name could into what jwx writes.
func TestKeyWritesPublicMembersOnly(t *testing.T) {
	key := must(NewKey(edPrivate.Public(), `a","d":"b`))
	raw := must(key.MarshalJSON())
	want := `{"kty":"OKP","crv":"Ed25519","x":"` + b64(string(edKey())) + `","kid":"a\",\"d\":\"b","use":"sig","alg":"EdDSA"}`
	if string(raw) != want {
		t.Errorf("JWK is %s\nwant     %s", raw, want)
	}
	again, err := ParseKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	if again.ID() != key.ID() || again.Thumbprint() != key.Thumbprint() || again.Use() != "sig" || again.Algorithm() != EdDSA {
		t.Errorf("read back as %+v", again)
	}
}

func TestCertificates(t *testing.T) {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Unix(1893456000, 0)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, ecPrivate.Public(), ecPrivate))
	text := base64.StdEncoding.EncodeToString(der)
	tests := []struct {
		name string
		key  *ecdsa.PublicKey
		x5c  string
		want error
	}{
		{"certificate of the key", &ecPrivate.PublicKey, `["` + text + `"]`, nil},
		{"BAD-21 certificate of another key", &ecOther.PublicKey, `["` + text + `"]`, ErrKey},
		{"not a certificate", &ecPrivate.PublicKey, `["AAAA"]`, ErrMalformed},
		{"base64url", &ecPrivate.PublicKey, `["` + base64.RawURLEncoding.EncodeToString(append(der, 0xff, 0xfe)) + `"]`, ErrMalformed},
		{"line breaks", &ecPrivate.PublicKey, `["` + text[:64] + `\n` + text[64:] + `"]`, ErrMalformed},
		{"empty", &ecPrivate.PublicKey, `[]`, ErrMalformed},
		{"nine", &ecPrivate.PublicKey, `["` + text + `"` + strings.Repeat(`,"`+text+`"`, 8) + `]`, ErrMalformed},
		{"null inside", &ecPrivate.PublicKey, `["` + text + `",null]`, ErrMalformed},
		{"null", &ecPrivate.PublicKey, `null`, ErrMalformed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, err := ParseKey([]byte(ecJWK(test.key, `,"x5c":`+test.x5c)))
			wantError(t, err, test.want)
			if err == nil && !bytes.Equal(key.Certificates()[0], der) {
				t.Error("certificate changed")
			}
		})
	}
}
