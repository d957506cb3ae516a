package jose

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"

	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jws"
)

// This file is the only one that knows jwx. It asks two things of it, for one algorithm
// and one checked key: is this the signature, and make the signature.

var (
	verifierES256 = must(jws.NewVerifier(jwa.ES256))
	verifierEdDSA = must(jws.NewVerifier(jwa.EdDSA))

	signers = map[Algorithm]jws.Signer{
		ES256: must(jws.NewSigner(jwa.ES256)),
		PS256: must(jws.NewSigner(jwa.PS256)),
		EdDSA: must(jws.NewSigner(jwa.EdDSA)),
	}
)

// must fails only if the library lacks an algorithm it is known to have.
func must[T any](made T, err error) T {
	if err != nil {
		panic("jose: " + err.Error())
	}
	return made
}

// pss is exactly RFC 7518 §3.5: the salt is as long as the hash, 32 bytes.
var pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}

// verifySignature uses the key's own algorithm. Why a signature fails is not told on.
func verifySignature(key *Key, input, signature []byte) bool {
	switch key.Algorithm() {
	case ES256:
		return verifierES256.Verify(input, signature, key.public) == nil
	case EdDSA:
		return verifierEdDSA.Verify(input, signature, key.public) == nil
	case PS256:
		// Not by jwx, which takes a salt of any length.
		digest := sha256.Sum256(input)
		return rsa.VerifyPSS(key.public.(*rsa.PublicKey), crypto.SHA256, digest[:], signature, pss) == nil
	}
	return false
}

// makeSignature expects a key that serves the algorithm. ECDSA gives r and s of 32 bytes
// each, also from a crypto.Signer that answers in ASN.1.
func makeSignature(algorithm Algorithm, input []byte, key crypto.Signer) ([]byte, error) {
	return signers[algorithm].Sign(input, key)
}
