package certificate

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"time"
)

// lead builds a chain from a leaf to an authority of the issuer, for client
// authentication (MTLS-3: RFC 8705 §2.1). The errors are fixed texts, because
// those of crypto/x509 repeat names.
func (r *Reader) lead(issuer string, leaf *x509.Certificate, others [][]byte, now time.Time) ([]*x509.Certificate, error) {
	authorities := r.stores[issuer].Authorities
	if authorities == nil {
		return nil, errors.New("issuer trusts no client certificate authority")
	}
	intermediates := x509.NewCertPool()
	for _, der := range others[:min(len(others), maxIntermediates)] {
		if other, err := x509.ParseCertificate(der); err == nil && !weak(other.PublicKey) {
			intermediates.AddCert(other)
		}
	}
	chains, err := leaf.Verify(x509.VerifyOptions{
		Roots: authorities, Intermediates: intermediates, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return nil, reason(err)
	}
	return chains[0], nil
}

// ends is when the first certificate of a chain does.
func ends(chain []*x509.Certificate) time.Time {
	end := chain[0].NotAfter
	for _, certificate := range chain {
		end = earlier(end, certificate.NotAfter)
	}
	return end
}

func reason(err error) error {
	var invalid x509.CertificateInvalidError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		return errors.New("certificate is not by an authority that the issuer trusts")
	case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
		return errors.New("certificate is not for client authentication")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return errors.New("certificate of an authority has expired")
	}
	return errors.New("certificate chain is not valid")
}

// RSA modulus bounds in bits: CRY-2 (FAPI 2.0 §5.4.1) sets the lower one; beyond
// the upper one a single signature costs milliseconds.
const (
	minRSABits = 2048
	maxRSABits = 8192
)

// weak tells a key that no certificate may have here. Every curve of Go's has
// more than the 224 bits of CRY-2 but one, P-224.
func weak(key crypto.PublicKey) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() < minRSABits || key.N.BitLen() > maxRSABits
	case *ecdsa.PublicKey:
		return key.Params().BitSize < 256
	case ed25519.PublicKey:
		return false
	}
	return true
}
