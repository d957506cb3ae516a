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

// suite is one algorithm under test.
type suite struct {
	open   func(t *testing.T) backend.Backend
	label  backend.Label
	handle []byte
	public crypto.PublicKey
}

// Run runs the suite. Each call of open answers a backend over the same secret
// or device, as a process that starts again would have it.
func Run(t *testing.T, open func(t *testing.T) backend.Backend) {
	if open(t).Name() == "" {
		t.Error("the backend has no name")
	}
	for _, algorithm := range append([]jose.Algorithm{jose.ES256, jose.PS256, jose.EdDSA}, jose.KeyManagement...) {
		t.Run(string(algorithm), func(t *testing.T) {
			s := &suite{open: open, label: backend.Label{Issuer: "bank", KeyID: "kid-1", Purpose: "access_token", Algorithm: algorithm}}
			var err error
			s.handle, s.public, err = open(t).Make(t.Context(), s.label)
			if errors.Is(err, backend.ErrAlgorithm) {
				t.Logf("this backend makes no %s keys, and says so: %v", algorithm, err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Run("the public half serves the algorithm", s.servesAlgorithm)
			t.Run("a backend opened again uses the key", s.used)
			t.Run("many use it at once", s.usedTogether)
			t.Run("the handle opens under no other label", s.boundToLabel)
			t.Run("a changed handle is refused", s.boundToBytes)
			t.Run("no two keys are alike", s.fresh)
			t.Run("a destroyed key harms no other", s.destroyed)
		})
	}
	t.Run("an algorithm that is not ours has no keys", func(t *testing.T) {
		for _, algorithm := range []jose.Algorithm{"", "none", "RS256", "HS256", "es256", "RSA1_5", "dir"} {
			_, _, err := open(t).Make(t.Context(), backend.Label{Issuer: "bank", KeyID: "k", Purpose: "p", Algorithm: algorithm})
			if !errors.Is(err, backend.ErrAlgorithm) {
				t.Errorf("%q: got %v, want ErrAlgorithm", algorithm, err)
			}
		}
	})
}

func (s *suite) servesAlgorithm(t *testing.T) {
	key, err := s.label.PublicKey(s.public)
	if err != nil {
		t.Fatal(err)
	}
	if key.Algorithm() != s.label.Algorithm && key.KeyManagement() != s.label.Algorithm {
		t.Errorf("the key serves %s%s", key.Algorithm(), key.KeyManagement())
	}
}

func (s *suite) opened(t *testing.T) backend.Key {
	t.Helper()
	key, err := s.open(t).Open(t.Context(), s.label, s.handle)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (s *suite) used(t *testing.T) {
	if err := s.use(t, s.opened(t)); err != nil {
		t.Error(err)
	}
}

func (s *suite) usedTogether(t *testing.T) {
	key := s.opened(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 4 {
				if err := s.use(t, key); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

// use signs and verifies, or encrypts and decrypts.
func (s *suite) use(t *testing.T, key backend.Key) error {
	public, err := s.label.PublicKey(s.public)
	if err != nil {
		return err
	}
	if s.label.Decrypts() {
		return decrypted(t, public, key)
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return errors.New("the key is no crypto.Signer")
	}
	compact, err := jose.Sign(s.label.Algorithm, "kid-1", "JWT", []byte(`{"sub":"alice"}`), signer)
	if err != nil {
		return err
	}
	signed, err := jose.Parse(compact)
	if err != nil {
		return err
	}
	return signed.Verify(jose.NewKeySet(public), s.label.Algorithm)
}

func (s *suite) boundToLabel(t *testing.T) {
	b := s.open(t)
	for name, change := range map[string]func(*backend.Label){
		"issuer":    func(l *backend.Label) { l.Issuer = "other" },
		"kid":       func(l *backend.Label) { l.KeyID = "kid-2" },
		"purpose":   func(l *backend.Label) { l.Purpose = "id_token" },
		"algorithm": func(l *backend.Label) { l.Algorithm = "RS256" },
		// The same letters, cut elsewhere.
		"border": func(l *backend.Label) { l.Issuer, l.KeyID = l.Issuer+"k", l.KeyID[1:] },
	} {
		other := s.label
		change(&other)
		if _, err := b.Open(context.Background(), other, s.handle); !errors.Is(err, backend.ErrHandle) {
			t.Errorf("another %s: got %v, want ErrHandle", name, err)
		}
	}
}

func (s *suite) boundToBytes(t *testing.T) {
	b := s.open(t)
	for i := range s.handle {
		changed := bytes.Clone(s.handle)
		changed[i] ^= 1
		if _, err := b.Open(t.Context(), s.label, changed); err == nil {
			t.Errorf("byte %d changed: opened", i)
		}
	}
	for _, length := range []int{0, 1, len(s.handle) / 2, len(s.handle) - 1} {
		if _, err := b.Open(t.Context(), s.label, s.handle[:length]); !errors.Is(err, backend.ErrHandle) {
			t.Errorf("cut to %d bytes: got %v, want ErrHandle", length, err)
		}
	}
}

func (s *suite) fresh(t *testing.T) {
	label := s.label
	label.KeyID = "kid-3"
	_, other, err := s.open(t).Make(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	if same, ok := s.public.(interface{ Equal(crypto.PublicKey) bool }); !ok || same.Equal(other) {
		t.Error("the same key was made twice")
	}
}

func (s *suite) destroyed(t *testing.T) {
	b, label := s.open(t), s.label
	label.KeyID = "kid-4"
	handle, _, err := b.Make(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := b.Destroy(t.Context(), label, handle); err != nil {
			t.Error(err)
		}
	}
	s.used(t)
}
