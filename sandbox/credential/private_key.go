package credential

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// PrivateKey is an ES256 key as a private JWK. The suite itself never reads one:
// its own keys live wrapped in the keys service.
type PrivateKey struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
	D   string `json:"d"`
	Kid string `json:"kid"`
	Alg string `json:"alg"`
	Use string `json:"use"`
}

// NewPrivateKey makes a P-256 key.
func NewPrivateKey() (PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return PrivateKey{}, err
	}
	secret, err := key.Bytes()
	if err != nil {
		return PrivateKey{}, err
	}
	point, err := key.PublicKey.Bytes() // 0x04, x, y
	if err != nil {
		return PrivateKey{}, err
	}
	text := base64.RawURLEncoding.EncodeToString
	return PrivateKey{
		Kty: "EC", Crv: "P-256", X: text(point[1:33]), Y: text(point[33:]), D: text(secret),
		Kid: oauth.NewID(), Alg: string(jose.ES256), Use: "sig",
	}, nil
}

// Signer is the key itself.
func (k PrivateKey) Signer() (crypto.Signer, error) {
	secret, err := base64.RawURLEncoding.DecodeString(k.D)
	if err != nil || k.Crv != "P-256" {
		return nil, fmt.Errorf("key %s is not a P-256 JWK", k.Kid)
	}
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), secret)
}

// Public is the JWK set of the public halves, as a client registers it.
func (s PrivateSet) Public() (json.RawMessage, error) {
	var keys []*jose.Key
	for _, private := range s.Keys {
		signer, err := private.Signer()
		if err != nil {
			return nil, err
		}
		key, err := jose.NewKey(signer.Public(), private.Kid)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return jose.NewKeySet(keys...).MarshalJSON()
}
