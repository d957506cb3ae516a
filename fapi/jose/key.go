package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"math/big"
	"slices"

	"github.com/go-json-experiment/json"
)

// Key is one public key. It is checked when it is made and never changes; verifying
// parses nothing. What its methods return must not be written to.
type Key struct {
	public       crypto.PublicKey
	members      publicMembers
	thumbprint   string
	algorithm    Algorithm
	certificates [][]byte
}

// publicMembers are the members of a JWK that we ever write (BAD-191: a published key
// has no d, p, q …). The struct has no room for a private one.
type publicMembers struct {
	Kty string `json:"kty"`
	Crv string `json:"crv,omitempty"`
	X   string `json:"x,omitempty"`
	Y   string `json:"y,omitempty"`
	N   string `json:"n,omitempty"`
	E   string `json:"e,omitempty"`
	Kid string `json:"kid,omitempty"`
	Use string `json:"use,omitempty"`
	Alg string `json:"alg,omitempty"`
}

// The values of "use", RFC 7517 §4.2.
const (
	useSignature  = "sig"
	useEncryption = "enc"
)

// NewKey makes a signature key of our own from *ecdsa.PublicKey (P-256),
// *rsa.PublicKey (2048 to 8192 bits) or ed25519.PublicKey. id is its kid: 1 to 256
// printable ASCII characters, or "" for none. The error wraps ErrKey.
func NewKey(public crypto.PublicKey, id string) (*Key, error) {
	if id != "" && !label(id).valid() {
		return nil, badKey("kid is not 1 to 256 printable ASCII characters")
	}
	key, err := newKey(public)
	if err != nil {
		return nil, err
	}
	key.members.Kid, key.members.Use, key.members.Alg = id, useSignature, string(key.algorithm)
	return key, nil
}

// newKey checks a public key and writes down its members; kid, use and alg are left to
// the caller.
func newKey(public crypto.PublicKey) (*Key, error) {
	algorithm, err := algorithmOf(public)
	if err != nil {
		return nil, err
	}
	key := &Key{public: public, algorithm: algorithm}
	switch public := public.(type) {
	case *ecdsa.PublicKey:
		point, err := public.Bytes() // fails off the curve; 0x04, then x and y of 32 bytes
		if err != nil {
			return nil, badKey("EC point is not on P-256")
		}
		key.members = publicMembers{Kty: "EC", Crv: "P-256", X: encodeBase64(point[1:33]), Y: encodeBase64(point[33:])}
	case *rsa.PublicKey:
		exponent := big.NewInt(int64(public.E)).Bytes()
		key.members = publicMembers{Kty: "RSA", N: encodeBase64(public.N.Bytes()), E: encodeBase64(exponent)}
	case ed25519.PublicKey:
		key.members = publicMembers{Kty: "OKP", Crv: "Ed25519", X: encodeBase64(public)}
	}
	key.thumbprint = key.members.thumbprint()
	return key, nil
}

// thumbprint is RFC 7638 §3: the required members in lexicographic order. The values are
// base64url text and fixed names, so that none needs escaping.
func (m publicMembers) thumbprint() string {
	var canonical string
	switch m.Kty {
	case "EC":
		canonical = `{"crv":"` + m.Crv + `","kty":"EC","x":"` + m.X + `","y":"` + m.Y + `"}`
	case "RSA":
		canonical = `{"e":"` + m.E + `","kty":"RSA","n":"` + m.N + `"}`
	case "OKP": // RFC 8037 §2
		canonical = `{"crv":"` + m.Crv + `","kty":"OKP","x":"` + m.X + `"}`
	}
	digest := sha256.Sum256([]byte(canonical))
	return encodeBase64(digest[:])
}

// ID is the kid, "" if the key has none.
func (k *Key) ID() string { return k.members.Kid }

// Algorithm is the one signature algorithm the key can serve; "" for an encryption key.
func (k *Key) Algorithm() Algorithm {
	if k.members.Use == useEncryption {
		return ""
	}
	return k.algorithm
}

// Use is "sig", "enc", or "" where the JWK does not say.
func (k *Key) Use() string { return k.members.Use }

// Public is *ecdsa.PublicKey, *rsa.PublicKey or ed25519.PublicKey.
func (k *Key) Public() crypto.PublicKey { return k.public }

// Thumbprint is the SHA-256 thumbprint of RFC 7638, base64url: the value of cnf.jkt
// (RFC 9449 §6.1).
func (k *Key) Thumbprint() string { return k.thumbprint }

// Certificates is the x5c chain in DER, the key's own certificate first; nil without
// x5c. No chain was validated: the certificate is worth what the source of the key set
// is worth (RFC 8705 §2.2.2).
func (k *Key) Certificates() [][]byte { return slices.Clone(k.certificates) }

// MarshalJSON writes the public members, kid, use and alg, and nothing else.
func (k *Key) MarshalJSON() ([]byte, error) { return json.Marshal(k.members) }
