package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"math/big"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxKeyBytes bounds the JSON of one JWK; RSA-8192 with a chain of certificates
	// stays below.
	maxKeyBytes = 64 << 10
	// maxCertificates bounds x5c; real chains have 1 to 4.
	maxCertificates = 8
)

// jwk is RFC 7517 as we read it. Members in Value form are here to be refused; naming
// them also refuses their case variants.
type jwk struct {
	Kty    label    `json:"kty"`
	Crv    label    `json:"crv"`
	X      string   `json:"x"`
	Y      string   `json:"y"`
	N      string   `json:"n"`
	E      string   `json:"e"`
	Kid    label    `json:"kid"`
	Use    label    `json:"use"`
	Alg    label    `json:"alg"`
	KeyOps []string `json:"key_ops"`
	X5c    []string `json:"x5c"`

	D    jsontext.Value `json:"d"`
	P    jsontext.Value `json:"p"`
	Q    jsontext.Value `json:"q"`
	DP   jsontext.Value `json:"dp"`
	DQ   jsontext.Value `json:"dq"`
	QI   jsontext.Value `json:"qi"`
	Oth  jsontext.Value `json:"oth"`
	K    jsontext.Value `json:"k"`
	Priv jsontext.Value `json:"priv"` // kty AKP
}

// ParseKey reads one public JWK: EC on P-256, RSA of 2048 to 8192 bits, or OKP with
// Ed25519. Anything private or symmetric is refused whatever else it holds (BAD-133):
// whoever sent it has given it away. The error wraps ErrMalformed or ErrKey.
func ParseKey(raw []byte) (*Key, error) {
	if len(raw) > maxKeyBytes {
		return nil, malformed("JWK is longer than 64 KiB")
	}
	var parsed jwk
	if err := decodeStrict(raw, &parsed); err != nil {
		return nil, err
	}
	return parsed.key()
}

func (j *jwk) key() (*Key, error) {
	if err := j.secret(); err != nil {
		return nil, err
	}
	public, err := j.public()
	if err != nil {
		return nil, err
	}
	key, err := newKey(public)
	if err != nil {
		return nil, err
	}
	if err := j.purpose(key.algorithm); err != nil {
		return nil, err
	}
	key.members.Kid, key.members.Use, key.members.Alg = string(j.Kid), string(j.Use), string(j.Alg)
	if key.certificates, err = certificates(j.X5c, public); err != nil {
		return nil, err
	}
	return key, nil
}

func (j *jwk) secret() error {
	if j.Kty == "oct" {
		return badKey("symmetric key where a public one belongs")
	}
	for _, member := range []jsontext.Value{j.D, j.P, j.Q, j.DP, j.DQ, j.QI, j.Oth, j.K, j.Priv} {
		if member != nil {
			return badKey("private or symmetric key where a public one belongs")
		}
	}
	return nil
}

func (j *jwk) public() (crypto.PublicKey, error) {
	switch {
	case j.Kty == "":
		return nil, malformed("JWK has no kty")
	case j.Kty == "EC" && j.Crv == "P-256":
		return ecKey(j.X, j.Y)
	case j.Kty == "RSA":
		return rsaKey(j.N, j.E)
	case j.Kty == "OKP" && j.Crv == "Ed25519":
		x, ok := decodeBase64(base64url, j.X)
		if !ok || len(x) != ed25519.PublicKeySize {
			return nil, malformed("x is not 32 bytes of base64url")
		}
		return ed25519.PublicKey(x), nil
	}
	return nil, unsupportedKey("kty or crv") // P-384, Ed448, X25519, …
}

// purpose checks use, key_ops and alg against what the key can do.
func (j *jwk) purpose(serves Algorithm) error {
	declared, err := ParseAlgorithm(string(j.Alg))
	named := err == nil
	switch {
	case named && (declared != serves || j.Use == useEncryption):
		return badKey("alg does not fit the key")
	case j.Use == useEncryption:
		return nil // alg names a JWE algorithm, or nothing
	case j.Use != "" && j.Use != useSignature:
		return unsupportedKey("use") // directories publish "tls" keys
	case j.Alg != "" && !named:
		return unsupportedKey("alg") // RS256, PS512, …
	case j.KeyOps != nil && !slices.Contains(j.KeyOps, "verify"):
		return unsupportedKey("key_ops")
	}
	return nil
}

// ecKey takes coordinates of exactly 32 bytes (RFC 7518 §6.2.1.2) of a point on the
// curve; jwx takes any point (BAD-133).
func ecKey(x, y string) (*ecdsa.PublicKey, error) {
	rawX, okX := decodeBase64(base64url, x)
	rawY, okY := decodeBase64(base64url, y)
	if !okX || !okY || len(rawX) != 32 || len(rawY) != 32 {
		return nil, malformed("x or y is not 32 bytes of base64url")
	}
	point := slices.Concat([]byte{4}, rawX, rawY) // SEC 1 §2.3.3, uncompressed
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, badKey("EC point is not on P-256")
	}
	return key, nil
}

// rsaKey takes numbers without leading zero bytes (RFC 7518 §2, Base64urlUInt), so that
// a key has one spelling and one thumbprint. Sizes are checked by checkRSA.
func rsaKey(n, e string) (*rsa.PublicKey, error) {
	rawN, okN := decodeBase64(base64url, n)
	rawE, okE := decodeBase64(base64url, e)
	if !okN || !okE || len(rawN) == 0 || len(rawE) == 0 || rawN[0] == 0 || rawE[0] == 0 {
		return nil, malformed("n or e is not a base64url number")
	}
	if len(rawE) > 4 {
		return nil, badKey("RSA exponent is longer than 31 bits")
	}
	exponent := new(big.Int).SetBytes(rawE).Int64()
	return &rsa.PublicKey{N: new(big.Int).SetBytes(rawN), E: int(exponent)}, nil
}

// certificates decodes x5c, which is base64 with padding, not base64url. The first one
// must certify this very key (RFC 7517 §4.7).
func certificates(x5c []string, public crypto.PublicKey) ([][]byte, error) {
	if x5c == nil {
		return nil, nil
	}
	if len(x5c) == 0 || len(x5c) > maxCertificates {
		return nil, malformed("x5c does not hold 1 to 8 certificates")
	}
	chain := make([][]byte, len(x5c))
	for i, text := range x5c {
		der, ok := decodeBase64(base64std, text)
		if !ok || len(der) == 0 {
			return nil, malformed("x5c is not base64")
		}
		chain[i] = der
	}
	first, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return nil, malformed("x5c does not begin with a certificate")
	}
	if key, ok := first.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !key.Equal(public) {
		return nil, badKey("x5c certifies another key")
	}
	return chain, nil
}
