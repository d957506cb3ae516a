package software

import (
	"bytes"
	"crypto/ecdsa"
	"errors"
	"slices"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/backendtest"
)

var label = backend.Label{Issuer: "bank", KeyID: "kid-1", Purpose: "access_token", Algorithm: jose.ES256}

// kek is a key-encryption key of one byte, repeated.
func kek(b byte) []byte { return bytes.Repeat([]byte{b}, KeyLength) }

func open(t *testing.T, b byte) *Backend {
	t.Helper()
	made, err := New(kek(b))
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestBackend(t *testing.T) {
	backendtest.Run(t, func(t *testing.T) backend.Backend { return open(t, 1) })
}

func TestAnotherKeyEncryptionKeyIsNamed(t *testing.T) {
	handle, _, err := open(t, 1).Make(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := open(t, 2).Open(t.Context(), label, handle); !errors.Is(err, ErrKeyEncryptionKey) {
		t.Errorf("got %v, want ErrKeyEncryptionKey", err)
	}
}

// TestNameOfAnotherKeyEncryptionKey writes the name of the configured KEK over
// that of the true one: the name only makes the error clear, the seal decides.
func TestNameOfAnotherKeyEncryptionKey(t *testing.T) {
	handle, _, err := open(t, 1).Make(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, 2)
	copy(handle[1:prefix], other.name[:])
	if _, err := other.Open(t.Context(), label, handle); !errors.Is(err, backend.ErrHandle) {
		t.Errorf("got %v, want ErrHandle", err)
	}
}

func TestHandleHoldsNoPlainKey(t *testing.T) {
	b := open(t, 1)
	handle, _, err := b.Make(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := b.Open(t.Context(), label, handle)
	if err != nil {
		t.Fatal(err)
	}
	scalar, err := signer.(*ecdsa.PrivateKey).Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(handle, scalar) || bytes.Contains(handle, kek(1)[:8]) {
		t.Error("the handle holds a secret in plain")
	}
}

func TestKeyEncryptionKeyLength(t *testing.T) {
	for _, length := range []int{0, 16, 24, 31, 33, 64} {
		if _, err := New(slices.Repeat([]byte{1}, length)); err == nil {
			t.Errorf("%d bytes were taken", length)
		}
	}
}
