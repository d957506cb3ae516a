package certificate

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// signed answers a leaf and the authority that signed it, DER, and a pool of that
// authority.
func signed(t testing.TB, until time.Time) (leaf, authority []byte, pool *x509.CertPool) {
	t.Helper()
	// Always the same key and signatures: a fuzzer learns from what repeats.
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	template := func(name string, isCA bool) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{"tpp.example"},
			NotBefore: start.Add(-time.Hour), NotAfter: until, IsCA: isCA, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		}
	}
	create := func(template, parent *x509.Certificate) []byte {
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		return der
	}
	authority = create(template("ca", true), template("ca", true))
	root, err := x509.ParseCertificate(authority)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	pool.AddCert(root)
	return create(template("tpp", false), root), authority, pool
}

// TestRemembered: a verified chain is verified anew every few minutes, at its end,
// and where the clock was set back.
func TestRemembered(t *testing.T) {
	for name, test := range map[string]struct {
		valid, later time.Duration
		trusted      bool
	}{
		"for 5 minutes":          {time.Hour, recheck - 1, true},
		"not longer":             {time.Hour, recheck, false},
		"not beyond its end":     {time.Minute, time.Minute + time.Second, false},
		"not before it was read": {time.Hour, -time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			leaf, _, pool := signed(t, start.Add(test.valid))
			reader := New(map[string]Store{"bank": {Authorities: pool}})
			if got := reader.Read(t.Context(), "bank", [][]byte{leaf}, start); got.Untrusted != nil || len(got.Names) != 2 {
				t.Fatalf("evidence is %+v", got)
			}
			reader.stores = nil // what is trusted from now on was remembered
			if got := reader.Read(t.Context(), "bank", [][]byte{leaf}, start.Add(test.later)); (got.Untrusted == nil) != test.trusted || (len(got.Names) > 0) != test.trusted {
				t.Errorf("evidence is %+v", got)
			}
			if got := reader.Read(t.Context(), "elsewhere", [][]byte{leaf}, start); got.Untrusted == nil {
				t.Errorf("BAD-30: another issuer trusts it: %+v", got)
			}
		})
	}
}

func TestOnlyGoodChainsAreRemembered(t *testing.T) {
	leaf, _, pool := signed(t, start.Add(time.Hour))
	reader := New(nil)
	if got := reader.Read(t.Context(), "bank", [][]byte{leaf}, start); got.Untrusted == nil || got.Fault != nil || !bytes.Equal(got.Leaf, leaf) {
		t.Fatalf("evidence is %+v", got)
	}
	reader.stores = map[string]Store{"bank": {Authorities: pool}}
	if got := reader.Read(t.Context(), "bank", [][]byte{leaf}, start); got.Untrusted != nil {
		t.Errorf("evidence is %+v", got)
	}
}

// BenchmarkRead is what a request costs on a connection whose certificate was
// seen before.
func BenchmarkRead(b *testing.B) {
	leaf, authority, pool := signed(b, start.Add(time.Hour))
	reader := New(map[string]Store{"bank": {Authorities: pool}})
	b.ReportAllocs()
	for b.Loop() {
		if got := reader.Read(b.Context(), "bank", [][]byte{leaf, authority}, start); got.Untrusted != nil {
			b.Fatal(got.Untrusted)
		}
	}
}

// FuzzCertificate: whatever a client presents, reading it ends, and without trust
// there are no names.
func FuzzCertificate(f *testing.F) {
	leaf, authority, pool := signed(f, start.Add(time.Hour))
	f.Add(leaf, authority)
	f.Add(authority, leaf)
	f.Add([]byte{}, []byte{0x30, 0x80})
	f.Fuzz(func(t *testing.T, first, second []byte) {
		reader := New(map[string]Store{"bank": {Authorities: pool}})
		for _, chain := range [][][]byte{{first}, {first, second}, {second, first, leaf}, {leaf, first, second}} {
			got := reader.Read(t.Context(), "bank", chain, start)
			if (got.Untrusted == nil) != (len(got.Names) > 0) || got.Fault != nil && got.Untrusted == nil || !bytes.Equal(got.Leaf, chain[0]) {
				t.Errorf("evidence is %+v", got)
			}
		}
	})
}
