package pkcs11

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/miekg/pkcs11"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// readPublic reads the public half of a key from the token.
func (d *device) readPublic(s pkcs11.SessionHandle, handle pkcs11.ObjectHandle, algorithm jose.Algorithm) (crypto.PublicKey, error) {
	if algorithm == jose.PS256 || algorithm == jose.RSAOAEP || algorithm == jose.RSAOAEP256 {
		return d.readRSA(s, handle)
	}
	got, err := d.library.ctx.GetAttributeValue(s, handle, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_EC_POINT, nil)})
	if err != nil {
		return nil, fmt.Errorf("read a public key: %w", err)
	}
	point := got[0].Value
	var inner []byte
	if rest, err := asn1.Unmarshal(point, &inner); err == nil && len(rest) == 0 {
		point = inner // PKCS #11 2.40 §2.3.3 wants an OCTET STRING; some devices give the bare point
	}
	if algorithm == jose.EdDSA {
		if len(point) != ed25519.PublicKeySize {
			return nil, errors.New("the token's Ed25519 public key is not 32 bytes")
		}
		return ed25519.PublicKey(point), nil
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil, errors.New("the token's public key is not a point on P-256")
	}
	return key, nil
}

func (d *device) readRSA(s pkcs11.SessionHandle, handle pkcs11.ObjectHandle) (crypto.PublicKey, error) {
	got, err := d.library.ctx.GetAttributeValue(s, handle, []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS, nil), pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, nil),
	})
	if err != nil {
		return nil, fmt.Errorf("read a public key: %w", err)
	}
	exponent := new(big.Int).SetBytes(got[1].Value)
	if !exponent.IsInt64() || exponent.Int64() > 1<<31-1 {
		return nil, errors.New("the token's RSA exponent is too long")
	}
	return &rsa.PublicKey{N: new(big.Int).SetBytes(got[0].Value), E: int(exponent.Int64())}, nil
}
