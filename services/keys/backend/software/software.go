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

const (
	// KeyLength of the key-encryption key, in bytes: AES-256.
	KeyLength = 32
	// rsaBits is the least that CRY-2 allows (FAPI 2.0 §5.4.1: 2048 bits), for
	// each signature costs time in the cube of it.
	rsaBits = 2048
)

// ErrKeyEncryptionKey says that a key was wrapped under another
// key-encryption key than the configured one.
var ErrKeyEncryptionKey = errors.New("wrapped under another key_encryption_key than the configured one")

// Backend wraps keys. Make one with New.
type Backend struct {
	aead cipher.AEAD
	// name tells key-encryption keys apart without giving them away.
	name [nameLength]byte
}

var _ backend.Backend = (*Backend)(nil)

// New makes a backend that wraps under a key-encryption key of 32 bytes.
func New(kek []byte) (*Backend, error) {
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
	return &Backend{aead: aead, name: [nameLength]byte(mac.Sum(nil))}, nil
}

// Make generates a key; its handle is the wrapped key.
func (b *Backend) Make(_ context.Context, label backend.Label) ([]byte, crypto.PublicKey, error) {
	key, err := generate(label.Algorithm)
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
func (b *Backend) Open(_ context.Context, label backend.Label, handle []byte) (crypto.Signer, error) {
	plain, err := b.unwrap(label, handle)
	if err != nil {
		return nil, err
	}
	defer clear(plain)
	key, err := x509.ParsePKCS8PrivateKey(plain)
	if err != nil {
		return nil, backend.ErrHandle // the parser's own error might repeat what it read
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, backend.ErrHandle
	}
	return signer, nil
}

func generate(algorithm jose.Algorithm) (crypto.Signer, error) {
	switch algorithm {
	case jose.ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case jose.PS256:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case jose.EdDSA:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("%w: %q", backend.ErrAlgorithm, algorithm)
}
