package rig

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"time"
)

// Authority signs client certificates, also such as no honest one would.
type Authority struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// Directory is the authority whose client certificates the suite trusts.
func (s *Suite) Directory() Authority { return s.authority("ca") }

// Internal is the authority that tells who is a service of the suite. As clients
// it makes nobody.
func (s *Suite) Internal() Authority { return s.authority("internal-ca") }

func (s *Suite) authority(name string) Authority {
	return Authority{
		certificate: must(x509.ParseCertificate(must(readPEM(s.Layout.File(name + ".pem"))))),
		key:         must(x509.ParsePKCS8PrivateKey(must(readPEM(s.Layout.File(name + "-key.pem"))))).(crypto.Signer),
	}
}

func readPEM(file string) ([]byte, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New(file + " holds no PEM")
	}
	return block.Bytes, nil
}

// NewAuthority is one that nobody trusts, of the same name as the directory's.
func NewAuthority() Authority {
	key := ES256Key().Signer
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Strongroom sandbox CA"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return Authority{must(x509.ParseCertificate(der)), key}
}

// Issue signs a client certificate for a new key, with each change.
func (a Authority) Issue(changes ...func(*x509.Certificate)) *tls.Certificate {
	key := ES256Key().Signer
	template := clientTemplate()
	for _, change := range changes {
		change(template)
	}
	der := must(x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key))
	return &tls.Certificate{Certificate: [][]byte{der, a.certificate.Raw}, PrivateKey: key}
}

func clientTemplate() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "client"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

// newCertificate is one that nobody vouches for: binding a token needs no more
// (RFC 8705 §3).
func newCertificate() *tls.Certificate {
	key := ES256Key().Signer
	template := clientTemplate()
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// Named gives a certificate DNS names.
func Named(names ...string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.DNSNames = names }
}
