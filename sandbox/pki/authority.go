package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"
)

// authority signs certificates with a key of its own.
type authority struct {
	files       Files
	certificate *x509.Certificate
	key         crypto.Signer
}

// openAuthority loads an authority or, where there is none at all, makes one.
// Half of one is an error: to replace it silently would end the trust of
// everybody who was given its certificate.
func openAuthority(files Files, name string, now time.Time) (*authority, error) {
	certificate, err := readCertificate(files.Certificate)
	if errors.Is(err, fs.ErrNotExist) {
		if _, keyErr := os.Stat(files.Key); keyErr == nil {
			return nil, fmt.Errorf("%s is there, but not %s: restore it, or delete both", files.Key, files.Certificate)
		}
		return makeAuthority(files, name, now)
	}
	if err != nil {
		return nil, err
	}
	key, err := readKey(files.Key)
	if err != nil {
		return nil, err
	}
	if !sameKey(certificate.PublicKey, key.Public()) {
		return nil, fmt.Errorf("%s and %s do not belong together", files.Certificate, files.Key)
	}
	if now.After(certificate.NotAfter) {
		return nil, fmt.Errorf("%s has expired: delete it and its key, and trust the new one", files.Certificate)
	}
	return &authority{files, certificate, key}, nil
}

func makeAuthority(files Files, name string, now time.Time) (*authority, error) {
	key, err := newECKey()
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          newSerial(),
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(authorityLife * day),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
		MaxPathLenZero:        true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	if err := writeKey(files.Key, key); err != nil {
		return nil, err
	}
	if err := writePEM(files.Certificate, encodeCertificate(der)); err != nil {
		return nil, err
	}
	return &authority{files, certificate, key}, nil
}

// sign fills in what every leaf has and signs it.
func (a *authority) sign(template *x509.Certificate, public crypto.PublicKey, now time.Time) ([]byte, error) {
	template.SerialNumber = newSerial()
	template.NotBefore = now.Add(-backdate)
	template.NotAfter = now.Add(leafLife * day)
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.BasicConstraintsValid = true
	return x509.CreateCertificate(rand.Reader, template, a.certificate, public, a.key)
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.certificate)
	return pool
}

// newSerial is 127 random bits: RFC 5280 §4.1.2.2 wants it positive and at most
// 20 octets.
func newSerial() *big.Int {
	octets := make([]byte, 16)
	_, _ = rand.Read(octets) // never fails
	octets[0] &= 0x7f
	octets[15] |= 1
	return new(big.Int).SetBytes(octets)
}

func encodeCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
