package software

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
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
	made, err := New(kek(b), Options{})
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
		if _, err := New(slices.Repeat([]byte{1}, length), Options{}); err == nil {
			t.Errorf("%d bytes were taken", length)
		}
	}
}

// TestRSABits is CRY-2: keys are as long as configured, and 2048 bits otherwise.
func TestRSABits(t *testing.T) {
	for configured, want := range map[int]int{0: 2048, 3072: 3072} {
		made, err := New(kek(1), Options{RSABits: configured})
		if err != nil {
			t.Fatal(err)
		}
		label := backend.Label{Issuer: "bank", KeyID: "kid-1", Purpose: "id_token", Algorithm: jose.PS256}
		_, public, err := made.Make(t.Context(), label)
		if err != nil {
			t.Fatal(err)
		}
		if got := public.(*rsa.PublicKey).N.BitLen(); got != want {
			t.Errorf("configured %d: %d bits", configured, got)
		}
	}
}

// TestAnotherRSA: what signs in the place of Go's RSA is asked for PS256, and
// never for a key that decrypts.
func TestAnotherRSA(t *testing.T) {
	asked := 0
	made, err := New(kek(1), Options{RSA: func(key *rsa.PrivateKey) (crypto.Signer, error) {
		asked++
		return key, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, algorithm := range []jose.Algorithm{jose.PS256, jose.RSAOAEP, jose.ES256} {
		label := backend.Label{Issuer: "bank", KeyID: "kid-1", Purpose: "p", Algorithm: algorithm}
		handle, _, err := made.Make(t.Context(), label)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := made.Open(t.Context(), label, handle); err != nil {
			t.Error(err)
		}
	}
	if asked != 1 {
		t.Errorf("asked %d times", asked)
	}
}
