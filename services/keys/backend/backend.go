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
	// Purpose is what the key signs, such as access_token.
	Purpose   string
	Algorithm jose.Algorithm
}

// Backend makes and opens signing keys. It may be used by many goroutines at
// once; every implementation passes the suite in backendtest.
type Backend interface {
	// Make makes a key that serves label.Algorithm and answers its public half
	// and a handle: opaque bytes from which Open finds the key again, also in
	// another process, and which are no secret.
	Make(ctx context.Context, label Label) (handle []byte, public crypto.PublicKey, err error)
	// Open finds the key of a handle. The error wraps ErrHandle where the
	// handle was changed or made under another label.
	Open(ctx context.Context, label Label, handle []byte) (crypto.Signer, error)
}

// ErrHandle says that a handle does not belong to its label.
var ErrHandle = errors.New("the handle was changed, or is another key's")

// ErrAlgorithm says that a backend cannot make keys for an algorithm.
var ErrAlgorithm = errors.New("the backend has no keys for this algorithm")
