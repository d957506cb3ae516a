package pkcs11

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // OAEP's hash in RSA-OAEP, RFC 7518 §4.3; collisions do not matter there
	"crypto/sha256"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"

	"github.com/miekg/pkcs11"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// key is one key in the token.
type key struct {
	device    *device
	private   object
	public    crypto.PublicKey
	algorithm jose.Algorithm
}

// Public is the public half.
func (k *key) Public() crypto.PublicKey { return k.public }

// as is the key as what its algorithm makes it, and nothing else.
func (k *key) as() backend.Key {
	switch kinds[k.algorithm].use {
	case pkcs11.CKA_DECRYPT:
		return decrypter{k}
	case pkcs11.CKA_DERIVE:
		return agreer{k}
	}
	return signer{k}
}

type (
	signer    struct{ *key }
	decrypter struct{ *key }
	agreer    struct{ *key }
)

var (
	_ crypto.Signer    = signer{}
	_ crypto.Decrypter = decrypter{}
	_ jose.Agreer      = agreer{}
)

// Sign signs a SHA-256 digest, or with Ed25519 the message itself.
func (k signer) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	var mechanism *pkcs11.Mechanism
	switch k.algorithm {
	case jose.ES256:
		mechanism = pkcs11.NewMechanism(pkcs11.CKM_ECDSA, nil)
	case jose.EdDSA:
		mechanism = pkcs11.NewMechanism(ckmEdDSA, nil)
	case jose.PS256:
		pss, ok := opts.(*rsa.PSSOptions)
		if !ok || opts.HashFunc() != crypto.SHA256 || pss.SaltLength != rsa.PSSSaltLengthEqualsHash && pss.SaltLength != sha256.Size {
			return nil, errors.New("the key signs by PS256 alone")
		}
		mechanism = pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_PSS, pkcs11.NewPSSParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, sha256.Size))
	}
	if k.algorithm != jose.EdDSA && (opts.HashFunc() != crypto.SHA256 || len(digest) != sha256.Size) {
		return nil, errors.New("the key signs SHA-256 digests alone")
	}
	signature, err := k.sign(mechanism, digest)
	if err != nil || k.algorithm != jose.ES256 {
		return signature, err
	}
	return inASN1(signature)
}

func (k signer) sign(mechanism *pkcs11.Mechanism, input []byte) (signature []byte, err error) {
	err = k.device.do(func(c *connection, s pkcs11.SessionHandle) error {
		handle, err := k.device.find(c, s, k.private)
		if err != nil {
			return err
		}
		if err := k.device.library.ctx.SignInit(s, []*pkcs11.Mechanism{mechanism}, handle); err != nil {
			return fmt.Errorf("sign in the token: %w", err)
		}
		if signature, err = k.device.library.ctx.Sign(s, input); err != nil {
			return fmt.Errorf("sign in the token: %w", err)
		}
		return nil
	})
	return signature, err
}

// inASN1 writes r and s as crypto.Signer has them (SEC 1 §C.8).
func inASN1(raw []byte) ([]byte, error) {
	half := len(raw) / 2
	if half != 32 {
		return nil, errors.New("the token's signature is not 64 bytes")
	}
	return asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(raw[:half]), new(big.Int).SetBytes(raw[half:])})
}

// Decrypt is RSA-OAEP. The error is rsa.ErrDecryption where the ciphertext is to
// blame.
func (k decrypter) Decrypt(_ io.Reader, ciphertext []byte, opts crypto.DecrypterOpts) (plain []byte, err error) {
	oaep, ok := opts.(*rsa.OAEPOptions)
	if !ok || len(oaep.Label) > 0 {
		return nil, errors.New("the key decrypts by RSA-OAEP alone")
	}
	params := pkcs11.NewOAEPParams(pkcs11.CKM_SHA_1, pkcs11.CKG_MGF1_SHA1, pkcs11.CKZ_DATA_SPECIFIED, nil)
	if oaep.Hash == crypto.SHA256 {
		params = pkcs11.NewOAEPParams(pkcs11.CKM_SHA256, pkcs11.CKG_MGF1_SHA256, pkcs11.CKZ_DATA_SPECIFIED, nil)
	}
	err = k.device.do(func(c *connection, s pkcs11.SessionHandle) error {
		ctx := k.device.library.ctx
		handle, err := k.device.find(c, s, k.private)
		if err != nil {
			return err
		}
		if err := ctx.DecryptInit(s, []*pkcs11.Mechanism{pkcs11.NewMechanism(pkcs11.CKM_RSA_PKCS_OAEP, params)}, handle); err != nil {
			return fmt.Errorf("decrypt in the token: %w", err)
		}
		plain, err = ctx.Decrypt(s, ciphertext)
		if err != nil && k.blames(s, err) {
			return rsa.ErrDecryption
		}
		return err
	})
	return plain, err
}

// blames tells an error of the ciphertext from one of the device. Tokens answer
// CKR_GENERAL_ERROR for both: one that still knows the session is well.
func (k decrypter) blames(s pkcs11.SessionHandle, err error) bool {
	if is(err, pkcs11.CKR_ENCRYPTED_DATA_INVALID, pkcs11.CKR_ENCRYPTED_DATA_LEN_RANGE, pkcs11.CKR_DATA_INVALID, pkcs11.CKR_DATA_LEN_RANGE) {
		return true
	}
	if !is(err, pkcs11.CKR_GENERAL_ERROR, pkcs11.CKR_FUNCTION_FAILED) {
		return false
	}
	_, unwell := k.device.library.ctx.GetSessionInfo(s)
	return unwell == nil
}

// ECDH derives the shared secret in the token. The secret itself leaves it, as the
// content's key must; the private key does not.
func (k agreer) ECDH(remote *ecdh.PublicKey) (secret []byte, err error) {
	mechanism := pkcs11.NewMechanism(pkcs11.CKM_ECDH1_DERIVE, pkcs11.NewECDH1DeriveParams(pkcs11.CKD_NULL, nil, remote.Bytes()))
	template := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_SECRET_KEY), pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_GENERIC_SECRET),
		pkcs11.NewAttribute(pkcs11.CKA_TOKEN, false), pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, false),
		pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, true), pkcs11.NewAttribute(pkcs11.CKA_VALUE_LEN, 32),
	}
	err = k.device.do(func(c *connection, s pkcs11.SessionHandle) error {
		ctx := k.device.library.ctx
		handle, err := k.device.find(c, s, k.private)
		if err != nil {
			return err
		}
		derived, err := ctx.DeriveKey(s, []*pkcs11.Mechanism{mechanism}, handle, template)
		if err != nil {
			return fmt.Errorf("agree on a key in the token: %w", err)
		}
		defer func() { _ = ctx.DestroyObject(s, derived) }() // it ends with the session at the latest
		got, err := ctx.GetAttributeValue(s, derived, []*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_VALUE, nil)})
		if err != nil {
			return fmt.Errorf("agree on a key in the token: %w", err)
		}
		if secret = got[0].Value; len(secret) != 32 {
			return errors.New("the token's shared secret is not 32 bytes")
		}
		return nil
	})
	return secret, err
}

// try uses a key once against its public half.
func (k *key) try() error {
	failed := errors.New("the token's new key does not do what it should")
	switch private := k.as().(type) {
	case signer:
		return private.try(failed)
	case decrypter:
		hash, plain := sha256.New(), []byte("try")
		options := &rsa.OAEPOptions{Hash: crypto.SHA256}
		if k.algorithm == jose.RSAOAEP {
			hash, options.Hash = sha1.New(), crypto.SHA1 //nolint:gosec // as above
		}
		ciphertext, err := rsa.EncryptOAEP(hash, rand.Reader, k.public.(*rsa.PublicKey), plain, nil)
		if err != nil {
			return err
		}
		if got, err := private.Decrypt(nil, ciphertext, options); err != nil || !bytes.Equal(got, plain) {
			return errors.Join(failed, err)
		}
	case agreer:
		other, err := ecdh.P256().GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		mine, err := k.public.(*ecdsa.PublicKey).ECDH()
		if err != nil {
			return err
		}
		want, err := other.ECDH(mine)
		if err != nil {
			return err
		}
		if got, err := private.ECDH(other.PublicKey()); err != nil || !bytes.Equal(got, want) {
			return errors.Join(failed, err)
		}
	}
	return nil
}

func (k signer) try(failed error) error {
	digest := sha256.Sum256([]byte("try"))
	var opts crypto.SignerOpts = crypto.SHA256
	input := digest[:]
	if k.algorithm == jose.PS256 {
		opts = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}
	}
	if k.algorithm == jose.EdDSA {
		opts, input = crypto.Hash(0), []byte("try")
	}
	signature, err := k.Sign(nil, input, opts)
	good := err == nil
	switch public := k.public.(type) {
	case *ecdsa.PublicKey:
		good = good && ecdsa.VerifyASN1(public, input, signature)
	case ed25519.PublicKey:
		good = good && ed25519.Verify(public, input, signature)
	case *rsa.PublicKey:
		good = good && rsa.VerifyPSS(public, crypto.SHA256, input, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
	}
	if !good {
		return errors.Join(failed, err)
	}
	return nil
}
