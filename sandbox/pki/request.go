package pki

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
)

// ErrRequest is wrapped by every refusal of a certificate request; the rest of
// the message may be told to whoever sent it.
var ErrRequest = errors.New("certificate request refused")

const (
	// minRSA and maxRSA bound a client's RSA key, in bits. Below is weak; above
	// Go's TLS refuses, and to verify it would cost too much.
	minRSA = 2048
	maxRSA = 8192
)

// subjectAltName is the extension of RFC 5280 §4.2.1.6.
var subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// SignRequest issues a client certificate with the subject, the names and the key
// of the request, and answers the PEM chain, leaf first. Whatever else the request
// asks for, such as to be an authority, is not granted.
func (ca *CA) SignRequest(csr *x509.CertificateRequest) ([]byte, error) {
	if err := checkKey(csr.PublicKey); err != nil {
		return nil, err
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, refused("its signature is not by its own key")
	}
	names, err := requestedNames(csr)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		RawSubject:      csr.RawSubject,
		ExtraExtensions: names,
		ExtKeyUsage:     []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := ca.public.sign(template, csr.PublicKey, ca.clock.Now())
	if err != nil {
		return nil, refused("its subject or names cannot stand in a certificate")
	}
	if _, err := x509.ParseCertificate(der); err != nil {
		return nil, refused("its subject or names cannot stand in a certificate")
	}
	return append(encodeCertificate(der), encodeCertificate(ca.public.certificate.Raw)...), nil
}

// SignParticipant issues a client certificate for the key of the request, with a
// subject that is the directory's choice, and answers the PEM chain, leaf first.
func (ca *CA) SignParticipant(csr *x509.CertificateRequest, subject pkix.Name) ([]byte, error) {
	if err := checkKey(csr.PublicKey); err != nil {
		return nil, err
	}
	if err := csr.CheckSignature(); err != nil {
		return nil, refused("its signature is not by its own key")
	}
	template := &x509.Certificate{Subject: subject, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	der, err := ca.participants.sign(template, csr.PublicKey, ca.clock.Now())
	if err != nil {
		return nil, refused("the names cannot stand in a certificate")
	}
	return append(encodeCertificate(der), encodeCertificate(ca.participants.certificate.Raw)...), nil
}

// requestedNames is the subjectAltName extension as requested, octet for octet:
// so kinds of names that Go does not model stay too. Somebody must be named.
func requestedNames(csr *x509.CertificateRequest) ([]pkix.Extension, error) {
	var names []pkix.Extension
	for _, extension := range csr.Extensions {
		if extension.Id.Equal(subjectAltName) {
			names = append(names, extension)
		}
	}
	if len(names) > 1 {
		return nil, refused("it has more than one subjectAltName extension")
	}
	if len(names) == 0 && len(csr.Subject.Names) == 0 {
		return nil, refused("it names nobody: both subject and subjectAltName are empty")
	}
	return names, nil
}

// checkKey lets through RSA of 2048 to 8192 bits, P-256, P-384 and Ed25519.
func checkKey(public any) error {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits < minRSA || bits > maxRSA {
			return refused(fmt.Sprintf("an RSA key must have %d to %d bits, this one has %d", minRSA, maxRSA, bits))
		}
		return nil
	case *ecdsa.PublicKey:
		if key.Curve != elliptic.P256() && key.Curve != elliptic.P384() {
			return refused("an EC key must be on P-256 or P-384")
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return refused("the key must be RSA, EC or Ed25519")
}

// marshalName is a subject as CreateCertificate writes it.
func marshalName(name pkix.Name) ([]byte, error) { return asn1.Marshal(name.ToRDNSequence()) }

func refused(why string) error { return fmt.Errorf("%w: %s", ErrRequest, why) }
