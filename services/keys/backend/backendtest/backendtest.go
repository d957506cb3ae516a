// Package backendtest is what every key backend must pass.
package backendtest

import (
	"bytes"
	"context"
	"crypto"
	"errors"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// Run runs the suite. Each call of open answers a backend over the same secret
// or device, as a process that starts again would have it.
func Run(t *testing.T, open func(t *testing.T) backend.Backend) {
	for _, algorithm := range []jose.Algorithm{jose.ES256, jose.PS256, jose.EdDSA} {
		t.Run(string(algorithm), func(t *testing.T) {
			label := backend.Label{Issuer: "bank", KeyID: "kid-1", Purpose: "access_token", Algorithm: algorithm}
			handle, public, err := open(t).Make(t.Context(), label)
			if errors.Is(err, backend.ErrAlgorithm) {
				t.Logf("this backend makes no %s keys, and says so", algorithm)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Run("the public half serves the algorithm", func(t *testing.T) { servesAlgorithm(t, algorithm, public) })
			t.Run("a backend opened again signs with the key", func(t *testing.T) { signs(t, open(t), label, handle, public) })
			t.Run("many sign at once", func(t *testing.T) { signTogether(t, open(t), label, handle, public) })
			t.Run("the handle opens under no other label", func(t *testing.T) { boundToLabel(t, open(t), label, handle) })
			t.Run("a changed handle is refused", func(t *testing.T) { boundToBytes(t, open(t), label, handle) })
			t.Run("no two keys are alike", func(t *testing.T) { fresh(t, open(t), label, public) })
		})
	}
	t.Run("an algorithm that is not ours has no keys", func(t *testing.T) {
		for _, algorithm := range []jose.Algorithm{"", "none", "RS256", "HS256", "es256"} {
			_, _, err := open(t).Make(t.Context(), backend.Label{Issuer: "bank", KeyID: "k", Purpose: "p", Algorithm: algorithm})
			if !errors.Is(err, backend.ErrAlgorithm) {
				t.Errorf("%q: got %v, want ErrAlgorithm", algorithm, err)
			}
		}
	})
}

func servesAlgorithm(t *testing.T, algorithm jose.Algorithm, public crypto.PublicKey) {
	key, err := jose.NewKey(public, "k")
	if err != nil {
		t.Fatal(err)
	}
	if key.Algorithm() != algorithm {
		t.Errorf("the key serves %s", key.Algorithm())
	}
}

func signs(t *testing.T, b backend.Backend, label backend.Label, handle []byte, public crypto.PublicKey) {
	signer, err := b.Open(t.Context(), label, handle)
	if err != nil {
		t.Fatal(err)
	}
	if err := verified(label.Algorithm, signer, public); err != nil {
		t.Error(err)
	}
}

func signTogether(t *testing.T, b backend.Backend, label backend.Label, handle []byte, public crypto.PublicKey) {
	signer, err := b.Open(t.Context(), label, handle)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if err := verified(label.Algorithm, signer, public); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// verified signs and checks the signature under the public half.
func verified(algorithm jose.Algorithm, signer crypto.Signer, public crypto.PublicKey) error {
	compact, err := jose.Sign(algorithm, "k", "JWT", []byte(`{"sub":"alice"}`), signer)
	if err != nil {
		return err
	}
	key, err := jose.NewKey(public, "k")
	if err != nil {
		return err
	}
	signed, err := jose.Parse(compact)
	if err != nil {
		return err
	}
	return signed.Verify(jose.NewKeySet(key), algorithm)
}

func boundToLabel(t *testing.T, b backend.Backend, label backend.Label, handle []byte) {
	for name, change := range map[string]func(*backend.Label){
		"issuer":    func(l *backend.Label) { l.Issuer = "other" },
		"kid":       func(l *backend.Label) { l.KeyID = "kid-2" },
		"purpose":   func(l *backend.Label) { l.Purpose = "id_token" },
		"algorithm": func(l *backend.Label) { l.Algorithm = "RS256" },
		// The same letters, cut elsewhere.
		"border": func(l *backend.Label) { l.Issuer, l.KeyID = l.Issuer+"k", l.KeyID[1:] },
	} {
		other := label
		change(&other)
		if _, err := b.Open(context.Background(), other, handle); !errors.Is(err, backend.ErrHandle) {
			t.Errorf("another %s: got %v, want ErrHandle", name, err)
		}
	}
}

func boundToBytes(t *testing.T, b backend.Backend, label backend.Label, handle []byte) {
	for i := range handle {
		changed := bytes.Clone(handle)
		changed[i] ^= 1
		if _, err := b.Open(t.Context(), label, changed); err == nil {
			t.Errorf("byte %d changed: opened", i)
		}
	}
	for _, length := range []int{0, 1, len(handle) / 2, len(handle) - 1} {
		if _, err := b.Open(t.Context(), label, handle[:length]); !errors.Is(err, backend.ErrHandle) {
			t.Errorf("cut to %d bytes: got %v, want ErrHandle", length, err)
		}
	}
}

func fresh(t *testing.T, b backend.Backend, label backend.Label, public crypto.PublicKey) {
	label.KeyID = "kid-3"
	_, other, err := b.Make(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	if same, ok := public.(interface{ Equal(crypto.PublicKey) bool }); !ok || same.Equal(other) {
		t.Error("the same key was made twice")
	}
}
