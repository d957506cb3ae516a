// Package networktest makes the certificates by which tests stand in for the
// services of a suite, good ones and bad ones.
package networktest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/network"
)

// CA signs certificates of a suite.
type CA struct {
	folder      string
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	serial      int64
}

// NewCA makes a certificate authority whose files live as long as the test.
func NewCA(t *testing.T) *CA {
	t.Helper()
	ca := &CA{folder: t.TempDir(), key: newKey(t), serial: 1}
	ca.certificate = ca.sign(t, "ca", &x509.Certificate{
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, ca.key)
	return ca
}

// Identity is a fresh certificate with these DNS names, and the CA itself as the
// one to trust.
func (ca *CA) Identity(t *testing.T, dnsNames ...string) network.Identity {
	t.Helper()
	return ca.IdentityOf(t, &x509.Certificate{
		DNSNames:    dnsNames,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	})
}

// IdentityOf is a fresh certificate after a template; serial number, and where
// it has none, validity are filled in.
func (ca *CA) IdentityOf(t *testing.T, template *x509.Certificate) network.Identity {
	t.Helper()
	ca.serial++
	name := strconv.FormatInt(ca.serial, 10)
	ca.sign(t, name, template, newKey(t))
	return network.Identity{Certificate: ca.file(name + ".pem"), Key: ca.file(name + ".key"), CA: ca.File()}
}

// File is the PEM file of the CA's certificate.
func (ca *CA) File() string { return ca.file("ca.pem") }

func (ca *CA) file(name string) string { return filepath.Join(ca.folder, name) }

// sign writes NAME.pem and NAME.key.
func (ca *CA) sign(t *testing.T, name string, template *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	t.Helper()
	template.SerialNumber = big.NewInt(ca.serial)
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	parent := ca.certificate
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, ca.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, ca.file(name+".pem"), &pem.Block{Type: "CERTIFICATE", Bytes: der})
	write(t, ca.file(name+".key"), &pem.Block{Type: "PRIVATE KEY", Bytes: private})
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return certificate
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func write(t *testing.T, file string, block *pem.Block) {
	t.Helper()
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
}
