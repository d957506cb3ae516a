package pkcs11

import (
	"github.com/miekg/pkcs11"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// kind is how keys of an algorithm are made.
type kind struct {
	// generate is the mechanism of generation.
	generate uint
	// use is the one thing that the private half may do.
	use uint
	// public describes the public half.
	public func(rsaBits int) []*pkcs11.Attribute
}

// kinds are the algorithms that a token may serve.
var kinds = map[jose.Algorithm]kind{
	jose.ES256:        {pkcs11.CKM_EC_KEY_PAIR_GEN, pkcs11.CKA_SIGN, curve(p256)},
	jose.EdDSA:        {ckmEdwardsKeyPairGen, pkcs11.CKA_SIGN, curve(edwards25519)},
	jose.PS256:        {pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, pkcs11.CKA_SIGN, modulus},
	jose.RSAOAEP:      {pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, pkcs11.CKA_DECRYPT, modulus},
	jose.RSAOAEP256:   {pkcs11.CKM_RSA_PKCS_KEY_PAIR_GEN, pkcs11.CKA_DECRYPT, modulus},
	jose.ECDHES:       {pkcs11.CKM_EC_KEY_PAIR_GEN, pkcs11.CKA_DERIVE, curve(p256)},
	jose.ECDHESA128KW: {pkcs11.CKM_EC_KEY_PAIR_GEN, pkcs11.CKA_DERIVE, curve(p256)},
	jose.ECDHESA256KW: {pkcs11.CKM_EC_KEY_PAIR_GEN, pkcs11.CKA_DERIVE, curve(p256)},
}

// The mechanisms of PKCS #11 3.0 §2.3.5 and §2.3.14, which the library has no names
// for.
const (
	ckmEdwardsKeyPairGen = 0x1055
	ckmEdDSA             = 0x1057
)

// Curves as CKA_EC_PARAMS has them: P-256 by its object identifier 1.2.840.10045.3.1.7,
// Ed25519 by its name in a PrintableString (PKCS #11 3.0 §2.3.10).
var (
	p256         = []byte{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}
	edwards25519 = append([]byte{0x13, 0x0c}, "edwards25519"...)
)

func curve(params []byte) func(int) []*pkcs11.Attribute {
	return func(int) []*pkcs11.Attribute {
		return []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_PARAMS, params)}
	}
}

func modulus(bits int) []*pkcs11.Attribute {
	return []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS_BITS, bits),
		pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1}),
	}
}
