package revocation

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

const (
	// nonceLength is in bytes: RFC 9654 §2.1 has at least 32, and no responder of
	// RFC 8954 must take more.
	nonceLength = 32
	// withoutEnd is how long an answer holds that names no nextUpdate: a newer one
	// is available all the time (RFC 6960 §4.2.2.1).
	withoutEnd = time.Hour
)

// nonceID is id-pkix-ocsp-nonce, RFC 9654 §2.1.
var nonceID = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 2}

func (s *source) loadOCSP(ctx context.Context, get Getter, now time.Time) (*statement, error) {
	nonce := make([]byte, nonceLength)
	rand.Read(nonce) // never fails: crypto/rand ends the process instead
	request, err := s.request(nonce)
	if err != nil {
		return nil, err
	}
	document, err := get.Fetch(ctx, fetch.OCSP, s.address, request)
	if err != nil {
		return nil, err
	}
	return s.readOCSP(document.Body, nonce, now)
}

// request is an OCSPRequest of RFC 6960 §4.1.1 with a nonce, which the library's
// has not.
func (s *source) request(nonce []byte) ([]byte, error) {
	plain, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: s.serial}, s.issuer, nil)
	if err != nil {
		return nil, err
	}
	var bare struct{ Signed struct{ List asn1.RawValue } }
	if _, err := asn1.Unmarshal(plain, &bare); err != nil {
		return nil, err
	}
	value, err := asn1.Marshal(nonce)
	if err != nil {
		return nil, err
	}
	type signed struct {
		List       asn1.RawValue
		Extensions []pkix.Extension `asn1:"explicit,tag:2"`
	}
	return asn1.Marshal(struct{ Signed signed }{signed{bare.Signed.List, []pkix.Extension{{Id: nonceID, Value: value}}}})
}

// readOCSP reads an answer about the one certificate. The library checks the
// signature, and leaves to us whether who signed may do so.
func (s *source) readOCSP(der, nonce []byte, now time.Time) (*statement, error) {
	answer, err := ocsp.ParseResponseForCert(der, &x509.Certificate{SerialNumber: s.serial}, s.issuer)
	if err != nil {
		return nil, errors.New("not an OCSP answer about this certificate that its authority has signed")
	}
	if answer.Certificate != nil && !s.responder(answer.Certificate, now) {
		return nil, errors.New("the OCSP answer is signed by a certificate that may not sign it")
	}
	if err := checkNonce(answer.TBSResponseData, nonce); err != nil {
		return nil, err
	}
	until := answer.NextUpdate
	if until.IsZero() {
		until = answer.ThisUpdate.Add(withoutEnd)
	}
	if err := inTime(answer.ThisUpdate, until, now); err != nil {
		return nil, err
	}
	said := &statement{revoked: map[string]struct{}{}, since: answer.ThisUpdate, until: until}
	switch answer.Status {
	case ocsp.Good:
	case ocsp.Revoked:
		said.revoked[string(s.serial.Bytes())] = struct{}{}
	default:
		return nil, errors.New("the OCSP responder does not know the certificate")
	}
	return said, nil
}

// responder tells whether a certificate is one that the issuer made for signing
// answers, RFC 6960 §4.2.2.2; any other client of the same authority could answer
// otherwise.
func (s *source) responder(certificate *x509.Certificate, now time.Time) bool {
	return bytes.Equal(certificate.RawIssuer, s.issuer.RawSubject) &&
		slices.Contains(certificate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) &&
		!now.Before(certificate.NotBefore) && !now.After(certificate.NotAfter)
}

// checkNonce reads responseExtensions, which the library does not. A responder
// that prepares its answers has no nonce in them, and their time must do.
func checkNonce(data, nonce []byte) error {
	var read struct {
		Version    int `asn1:"optional,default:0,explicit,tag:0"`
		Responder  asn1.RawValue
		ProducedAt time.Time `asn1:"generalized"`
		Responses  asn1.RawValue
		Extensions []pkix.Extension `asn1:"optional,explicit,tag:1"`
	}
	if rest, err := asn1.Unmarshal(data, &read); err != nil || len(rest) > 0 {
		return errors.New("the OCSP answer is malformed")
	}
	for _, extension := range read.Extensions {
		switch {
		case extension.Id.Equal(nonceID):
			var given []byte
			if rest, err := asn1.Unmarshal(extension.Value, &given); err != nil || len(rest) > 0 || subtle.ConstantTimeCompare(given, nonce) != 1 {
				return errors.New("the OCSP answer has another nonce")
			}
		case extension.Critical:
			return errors.New("the OCSP answer has an extension that is not understood")
		}
	}
	return nil
}
