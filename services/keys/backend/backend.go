// Package backend is where private keys are made and used: in this process
// (software) or in a device that never gives them away.
package backend

import (
	"context"
	"crypto"
	"errors"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
)

// Label is what a key is for. A backend ties it to the key, so that nobody who
// can write the table of keys can put one key in another's place.
type Label struct {
	// Issuer is the name of the issuer.
	Issuer string
	// KeyID is the kid, unique within the issuer.
	KeyID string
	// Purpose is what the key is used for, such as access_token.
	Purpose string
	// Algorithm signs, or is one of jose.KeyManagement.
	Algorithm jose.Algorithm
}

// Decrypts tells a key that decrypts from one that signs.
func (l Label) Decrypts() bool {
	_, err := jose.ParseKeyManagement(string(l.Algorithm))
	return err == nil
}

// PublicKey is the public half as it is published, under the kid.
func (l Label) PublicKey(public crypto.PublicKey) (*jose.Key, error) {
	if l.Decrypts() {
		return jose.NewEncryptionKey(public, l.KeyID, l.Algorithm)
	}
	return jose.NewKey(public, l.KeyID)
}

// Key is a private key that stays where it is. By its label's algorithm it is
// more: a crypto.Signer, or for RSA-OAEP a crypto.Decrypter, or for ECDH-ES a
// jose.Agreer. It may be used by many goroutines at once.
type Key interface{ Public() crypto.PublicKey }

// Backend makes and opens keys. It may be used by many goroutines at once; every
// implementation passes the suite in backendtest.
type Backend interface {
	// Name is what configuration and records call it.
	Name() string
	// Make makes a key that serves label.Algorithm and answers its public half
	// and a handle: opaque bytes from which Open finds the key again, also in
	// another process, and which are no secret. The error wraps ErrAlgorithm
	// where the backend cannot serve the algorithm; it makes no weaker key.
	Make(ctx context.Context, label Label) (handle []byte, public crypto.PublicKey, err error)
	// Open finds the key of a handle. The error wraps ErrHandle where the
	// handle was changed or made under another label.
	Open(ctx context.Context, label Label, handle []byte) (Key, error)
	// Destroy ends a key that is never to be used again. It is no error if the
	// key is gone already.
	Destroy(ctx context.Context, label Label, handle []byte) error
}

// ErrHandle says that a handle does not belong to its label.
var ErrHandle = errors.New("the handle was changed, or is another key's")

// ErrAlgorithm says that a backend cannot make keys for an algorithm.
var ErrAlgorithm = errors.New("the backend has no keys for this algorithm")
