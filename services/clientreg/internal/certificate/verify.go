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

// verify builds a chain to an authority of the issuer, for client authentication
// (MTLS-3: RFC 8705 §2.1), and tells when it ends. Revocation is not looked up:
// RFC 8705 leaves it to the server. The errors are fixed texts, because those of
// crypto/x509 repeat names.
func (r *Reader) verify(issuer string, leaf *x509.Certificate, others [][]byte, now time.Time) (ends time.Time, err error) {
	authorities := r.authorities[issuer]
	if authorities == nil {
		return time.Time{}, errors.New("issuer trusts no client certificate authority")
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
		return time.Time{}, reason(err)
	}
	ends = leaf.NotAfter
	for _, certificate := range chains[0] {
		ends = earlier(ends, certificate.NotAfter)
	}
	return ends, nil
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
