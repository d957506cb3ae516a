// Package software keeps private keys in the table of keys, wrapped with
// AES-256-GCM under a key-encryption key from the configuration; they are
// plain only in the memory of this process.
package software

import (
	"context"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// Name is what records call this backend.
const Name = "software"

// KeyLength of the key-encryption key, in bytes: AES-256.
const KeyLength = 32

// RSABits is the size of RSA keys where no other is asked for: the least that
// CRY-2 allows (FAPI 2.0 §5.4.1: 2048 bits), for each signature costs time in
// the cube of it.
const RSABits = 2048

// ErrKeyEncryptionKey says that a key was wrapped under another
// key-encryption key than the configured one.
var ErrKeyEncryptionKey = errors.New("wrapped under another key_encryption_key than the configured one")

// Backend wraps keys. Make one with New.
type Backend struct {
	aead cipher.AEAD
	// name tells key-encryption keys apart without giving them away.
	name    [nameLength]byte
	options Options
}

// Options are how keys are made and used. The zero value is good.
type Options struct {
	// RSABits is the size of new RSA keys. Default RSABits.
	RSABits int
	// RSA puts another implementation of RSA signatures in the place of Go's: it
	// answers a signer for a key, and is given keys for PS256 alone. Default none.
	RSA func(*rsa.PrivateKey) (crypto.Signer, error)
}

var _ backend.Backend = (*Backend)(nil)

// New makes a backend that wraps under a key-encryption key of 32 bytes.
func New(kek []byte, options Options) (*Backend, error) {
	if options.RSABits == 0 {
		options.RSABits = RSABits
	}
	if len(kek) != KeyLength {
		return nil, fmt.Errorf("the key-encryption key has %d bytes, not %d", len(kek), KeyLength)
	}
	block, err := aes.NewCipher(kek)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, kek)
	mac.Write([]byte("strongroom key-encryption key"))
	return &Backend{aead: aead, name: [nameLength]byte(mac.Sum(nil)), options: options}, nil
}

// Name is software.
func (b *Backend) Name() string { return Name }

// Make generates a key; its handle is the wrapped key.
func (b *Backend) Make(_ context.Context, label backend.Label) ([]byte, crypto.PublicKey, error) {
	key, err := b.generate(label.Algorithm)
	if err != nil {
		return nil, nil, err
	}
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, err
	}
	defer clear(plain)
	return b.wrap(label, plain), key.Public(), nil
}

// Open unwraps a key. Beside ErrHandle, the error may be ErrKeyEncryptionKey.
func (b *Backend) Open(_ context.Context, label backend.Label, handle []byte) (backend.Key, error) {
	plain, err := b.unwrap(label, handle)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	parsed, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, backend.ErrHandle // the parser's own error might repeat what it read
	}
	switch key := parsed.(type) {
	case *ecdsa.PrivateKey:
		if label.Decrypts() {
			return key.ECDH()
		}
		return key, nil
	case *rsa.PrivateKey:
		if b.options.RSA != nil && !label.Decrypts() {
			return b.options.RSA(key)
		}
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, backend.ErrHandle
}

// Destroy has nothing to do: the handle is the key, and whoever keeps it drops it.
func (b *Backend) Destroy(context.Context, backend.Label, []byte) error { return nil }

func (b *Backend) generate(algorithm jose.Algorithm) (crypto.Signer, error) {
	switch algorithm {
	case jose.ES256, jose.ECDHES, jose.ECDHESA128KW, jose.ECDHESA256KW:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.PS256, jose.RSAOAEP, jose.RSAOAEP256:
		return rsa.GenerateKey(rand.Reader, b.options.RSABits)
	case jose.EdDSA:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("%w: %q", backend.ErrAlgorithm, algorithm)
}
