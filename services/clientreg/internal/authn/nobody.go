package authn

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"math/big"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// nobody are public keys, one for each algorithm, that nobody signs with.
var nobody = nobodysKeys()

func nobodysKeys() map[jose.Algorithm]crypto.PublicKey {
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	// No factors are needed to be busy with a modulus: any odd number of its size
	// will do.
	modulus := make([]byte, 256)
	rand.Read(modulus) // never fails: crypto/rand ends the process instead
	modulus[0] |= 0x80
	modulus[255] |= 1
	return map[jose.Algorithm]crypto.PublicKey{
		jose.ES256: ec.Public(),
		jose.EdDSA: ed,
		jose.PS256: &rsa.PublicKey{N: new(big.Int).SetBytes(modulus), E: 65537},
	}
}

// verifyForNobody spends the time of a signature check, whatever its kid, so
// that time does not tell whether there is such a client (CA-1).
// A certificate is read before anybody is looked for.
func (p *Presented) verifyForNobody() {
	if p.ByCertificate() {
		return
	}
	header := p.assertion.Header
	if key, err := jose.NewKey(nobody[header.Algorithm], header.KeyID); err == nil {
		_ = p.assertion.Verify(jose.NewKeySet(key), header.Algorithm)
	}
}
