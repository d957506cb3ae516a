//go:build e2e

package pkcs11

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/pkcs11"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/backendtest"
)

var es256 = backend.Label{Issuer: "bank", KeyID: "kid-1", Purpose: "access_token", Algorithm: jose.ES256}

func open(t testing.TB, cfg Config) *Backend {
	t.Helper()
	b, err := New(cfg, 2048)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestBackend(t *testing.T) {
	cfg := makeToken(t, "suite")
	backendtest.Run(t, func(t *testing.T) backend.Backend { return open(t, cfg) })
}

// TestWhatSoftHSMServes guards the algorithms that the suite would pass over in
// silence.
func TestWhatSoftHSMServes(t *testing.T) {
	b := open(t, makeToken(t, "serves"))
	for algorithm, served := range map[jose.Algorithm]bool{
		jose.ES256: true, jose.PS256: true, jose.EdDSA: true, jose.RSAOAEP: true,
		jose.RSAOAEP256: false, // SoftHSM does OAEP with SHA-1 alone
		jose.ECDHES:     true, jose.ECDHESA128KW: true, jose.ECDHESA256KW: true,
	} {
		label := es256
		label.Algorithm = algorithm
		_, _, err := b.Make(t.Context(), label)
		if served && err != nil || !served && !errors.Is(err, backend.ErrAlgorithm) {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}

// TestNeverExtractable asks the token itself, and tries to take the key.
func TestNeverExtractable(t *testing.T) {
	b := open(t, makeToken(t, "kept"))
	for algorithm := range kinds {
		label := es256
		label.Algorithm = algorithm
		handle, _, err := b.Make(t.Context(), label)
		if errors.Is(err, backend.ErrAlgorithm) {
			continue // TestWhatSoftHSMServes says which
		}
		if err != nil {
			t.Fatal(err)
		}
		err = b.device.do(func(c *connection, s pkcs11.SessionHandle) error {
			private, err := b.device.find(c, s, object{pkcs11.CKO_PRIVATE_KEY, string(handle[1:])})
			if err != nil {
				return err
			}
			if err := b.device.checkKept(s, private); err != nil {
				return err
			}
			for _, secret := range []uint{pkcs11.CKA_VALUE, pkcs11.CKA_PRIVATE_EXPONENT, pkcs11.CKA_PRIME_1} {
				got, err := b.device.library.ctx.GetAttributeValue(s, private, []*pkcs11.Attribute{pkcs11.NewAttribute(secret, nil)})
				if err == nil && len(got[0].Value) > 0 {
					t.Errorf("%s: the token gave away attribute %x", algorithm, secret)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", algorithm, err)
		}
	}
}

// TestImportedKeyIsRefused puts a key into the token whose private half was outside.
func TestImportedKeyIsRefused(t *testing.T) {
	b := open(t, makeToken(t, "imported"))
	label := es256
	label.Algorithm = jose.PS256
	handle := handleOf(label)
	outside, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	common := []*pkcs11.Attribute{
		pkcs11.NewAttribute(pkcs11.CKA_KEY_TYPE, pkcs11.CKK_RSA), pkcs11.NewAttribute(pkcs11.CKA_ID, handle[1:]), pkcs11.NewAttribute(pkcs11.CKA_TOKEN, true),
		pkcs11.NewAttribute(pkcs11.CKA_MODULUS, outside.N.Bytes()), pkcs11.NewAttribute(pkcs11.CKA_PUBLIC_EXPONENT, []byte{1, 0, 1}),
	}
	err = b.device.do(func(_ *connection, s pkcs11.SessionHandle) error {
		ctx := b.device.library.ctx
		if _, err := ctx.CreateObject(s, append([]*pkcs11.Attribute{pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PUBLIC_KEY)}, common...)); err != nil {
			return err
		}
		_, err := ctx.CreateObject(s, append([]*pkcs11.Attribute{
			pkcs11.NewAttribute(pkcs11.CKA_CLASS, pkcs11.CKO_PRIVATE_KEY), pkcs11.NewAttribute(pkcs11.CKA_SENSITIVE, true), pkcs11.NewAttribute(pkcs11.CKA_EXTRACTABLE, false),
			pkcs11.NewAttribute(pkcs11.CKA_SIGN, true),
			pkcs11.NewAttribute(pkcs11.CKA_PRIVATE_EXPONENT, outside.D.Bytes()), pkcs11.NewAttribute(pkcs11.CKA_PRIME_1, outside.Primes[0].Bytes()),
			pkcs11.NewAttribute(pkcs11.CKA_PRIME_2, outside.Primes[1].Bytes()), pkcs11.NewAttribute(pkcs11.CKA_EXPONENT_1, outside.Precomputed.Dp.Bytes()),
			pkcs11.NewAttribute(pkcs11.CKA_EXPONENT_2, outside.Precomputed.Dq.Bytes()), pkcs11.NewAttribute(pkcs11.CKA_COEFFICIENT, outside.Precomputed.Qinv.Bytes()),
		}, common...))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Open(t.Context(), label, handle); err == nil || !strings.Contains(err.Error(), "may have left the token") {
		t.Errorf("got %v", err)
	}
}

// TestClearErrors: each says what to do.
func TestClearErrors(t *testing.T) {
	good := makeToken(t, "errors")
	tests := []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"a wrong PIN", func(c *Config) { c.PIN = secret.New("9999") }, []string{"pkcs11.pin is wrong", "errors"}},
		{"a PIN that is too short", func(c *Config) { c.PIN = secret.New("1") }, []string{"pkcs11.pin is wrong"}},
		{"no PIN", func(c *Config) { c.PIN = secret.Text{} }, []string{"pkcs11.pin is required"}},
		{"a missing token", func(c *Config) { c.Token = "elsewhere" }, []string{`no token is labelled "elsewhere"`, `"errors"`}},
		{"no token", func(c *Config) { c.Token = "" }, []string{"pkcs11.token is required"}},
		{"a library that is not there", func(c *Config) { c.Module = "/nowhere/lib.so" }, []string{"pkcs11.module: /nowhere/lib.so"}},
		{"a library that is none", func(c *Config) { c.Module = "/etc/hostname" }, []string{"pkcs11.module: /etc/hostname"}},
		{"no library", func(c *Config) { c.Module = "" }, []string{"pkcs11.module is required"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cfg := good
			test.change(&cfg)
			_, err := New(cfg, 2048)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "9999") {
				t.Error("the error repeats the PIN")
			}
		})
	}
	t.Run("a locked token", func(t *testing.T) {
		err := (&device{cfg: good}).explainLogin(pkcs11.Error(pkcs11.CKR_PIN_LOCKED))
		if !strings.Contains(err.Error(), "security officer unlocks it") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a PIN that others can read", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "pin")
		if err := os.WriteFile(path, []byte(pin), 0o644); err != nil {
			t.Fatal(err)
		}
		read, err := secret.FromFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cfg := good
		cfg.PIN = read
		if _, err := New(cfg, 2048); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a key that is gone", func(t *testing.T) {
		b := open(t, good)
		handle, _, err := b.Make(t.Context(), es256)
		if err != nil {
			t.Fatal(err)
		}
		if err := b.Destroy(t.Context(), es256, handle); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Open(t.Context(), es256, handle); !errors.Is(err, errMissing) {
			t.Errorf("got %v", err)
		}
	})
}

// TestWrongPINIsTriedOnce: what was barred stays so, for a token locks.
func TestWrongPINIsTriedOnce(t *testing.T) {
	cfg := makeToken(t, "barred")
	cfg.PIN, cfg.Sessions = secret.New("9999"), 1
	loaded, err := load(cfg.Module)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{cfg: cfg, library: loaded}
	if _, err := d.connected(); err == nil {
		t.Fatal("logged in")
	}
	d.cfg.PIN = secret.New(pin) // if it tried again, it would succeed
	d.failed = time.Time{}
	if _, err := d.connected(); err == nil || !strings.Contains(err.Error(), "pkcs11.pin is wrong") {
		t.Errorf("got %v", err)
	}
}

// TestGoneAndBack takes the token away while eight sign, and brings it back: what
// was refused in between is signed again, without a new start.
func TestGoneAndBack(t *testing.T) {
	for name, fault := range map[string]struct {
		gone, back func(t *testing.T, b *Backend)
	}{
		"its storage is gone": {moveTokens("tokens", "away"), moveTokens("away", "tokens")},
		"the library is reset": {func(t *testing.T, b *Backend) {
			t.Helper()
			b.device.library.inside.Lock()
			defer b.device.library.inside.Unlock()
			if err := b.device.library.ctx.Finalize(); err != nil {
				t.Fatal(err)
			}
		}, func(*testing.T, *Backend) {}},
		"its sessions are closed": {func(t *testing.T, b *Backend) {
			t.Helper()
			c, err := b.device.connected()
			if err != nil {
				t.Fatal(err)
			}
			b.device.library.inside.Lock()
			defer b.device.library.inside.Unlock()
			if err := b.device.library.ctx.CloseAllSessions(c.slot); err != nil {
				t.Fatal(err)
			}
		}, func(*testing.T, *Backend) {}},
	} {
		t.Run(name, func(t *testing.T) {
			b := open(t, makeToken(t, "gone "+name[:4]+name[len(name)-4:]))
			handle, _, err := b.Make(t.Context(), es256)
			if err != nil {
				t.Fatal(err)
			}
			opened, err := b.Open(t.Context(), es256, handle)
			if err != nil {
				t.Fatal(err)
			}
			signs := func() error {
				digest := sha256.Sum256([]byte("x"))
				_, err := opened.(crypto.Signer).Sign(nil, digest[:], crypto.SHA256)
				return err
			}
			ctx, cancel := context.WithCancel(t.Context())
			var group sync.WaitGroup
			for range 8 {
				group.Go(func() {
					for ctx.Err() == nil {
						_ = signs() // refused while the token is gone
					}
				})
			}
			fault.gone(t, b)
			if strings.Contains(name, "storage") {
				within(t, "is refused", func() bool { return signs() != nil })
			}
			fault.back(t, b)
			within(t, "signs again", func() bool { return signs() == nil })
			cancel()
			group.Wait()
			if err := signs(); err != nil {
				t.Error(err)
			}
		})
	}
}

// moveTokens renames the folder of all tokens.
func moveTokens(from, to string) func(*testing.T, *Backend) {
	return func(t *testing.T, _ *Backend) {
		t.Helper()
		parent := filepath.Dir(tokens)
		if err := os.Rename(filepath.Join(parent, from), filepath.Join(parent, to)); err != nil {
			t.Fatal(err)
		}
	}
}

// within waits for what happens at a device's own pace.
func within(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if happened() {
			return
		}
	}
	t.Errorf("it never %s", what)
}

// TestBusySessions: who finds no session waits, and is refused in the end.
func TestBusySessions(t *testing.T) {
	cfg := makeToken(t, "busy")
	cfg.Sessions = 1
	b := open(t, cfg)
	c, err := b.device.connected()
	if err != nil {
		t.Fatal(err)
	}
	s := <-c.sessions
	_, _, err = b.Make(t.Context(), es256)
	if err == nil || !strings.Contains(err.Error(), "pkcs11.sessions") {
		t.Errorf("got %v", err)
	}
	c.sessions <- s
	if _, _, err := b.Make(t.Context(), es256); err != nil {
		t.Error(err)
	}
}
