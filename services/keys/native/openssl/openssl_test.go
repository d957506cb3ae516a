//go:build e2e

package openssl_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"strings"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/backendtest"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
	"github.com/strongroom-fapi/strongroom/services/keys/native/openssl"
)

// TestBackend: the software backend with OpenSSL's RSA passes what every backend must.
func TestBackend(t *testing.T) {
	version, err := openssl.Version()
	if err != nil || !strings.HasPrefix(version, "OpenSSL 3") {
		t.Fatalf("%q, %v", version, err)
	}
	backendtest.Run(t, func(t *testing.T) backend.Backend {
		made, err := software.New(bytes.Repeat([]byte{1}, software.KeyLength), software.Options{RSA: openssl.RSA})
		if err != nil {
			t.Fatal(err)
		}
		return made
	})
}

var pss = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256}

// TestGoVerifies: exactly PS256, with a salt of 32 bytes that differs each time, by many
// goroutines at once.
func TestGoVerifies(t *testing.T) {
	for _, bits := range []int{2048, 3072} {
		private, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		signer, err := openssl.RSA(private)
		if err != nil {
			t.Fatal(err)
		}
		digest := sha256.Sum256([]byte("message"))
		seen := sync.Map{}
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				for range 16 {
					signature, err := signer.Sign(rand.Reader, digest[:], pss)
					if err != nil {
						t.Error(err)
						return
					}
					if err := rsa.VerifyPSS(&private.PublicKey, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: 32}); err != nil {
						t.Error(err)
					}
					if _, twice := seen.LoadOrStore(string(signature), true); twice {
						t.Error("the salt repeats")
					}
				}
			})
		}
		group.Wait()
	}
}

// TestNothingButPS256 is what a signer might be asked for by mistake.
func TestNothingButPS256(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := openssl.RSA(private)
	if err != nil {
		t.Fatal(err)
	}
	digest := sha256.Sum256([]byte("message"))
	for name, row := range map[string]struct {
		digest []byte
		opts   crypto.SignerOpts
	}{
		"PKCS #1 v1.5":       {digest[:], crypto.SHA256},
		"another hash":       {digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA512}},
		"a salt of any size": {digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto, Hash: crypto.SHA256}},
		"no digest":          {nil, pss},
		"half a digest":      {digest[:16], pss},
	} {
		if signature, err := signer.Sign(rand.Reader, row.digest, row.opts); err == nil {
			t.Errorf("%s: signed %x", name, signature[:4])
		}
	}
}
