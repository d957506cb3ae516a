// Package names compares the name that a client registers with those in its
// certificate (RFC 8705 §2.1.2). Every name is brought into one canonical form,
// so that names match when their forms are equal; a certificate's forms are
// computed once and compared often.
//
// What cannot be read without doubt has no form and matches nothing: a string
// type without one meaning (TeletexString, BMPString), control characters, text
// that is not UTF-8.
package names

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
)

// Kind tells which name it is. Its value is the member of client metadata that
// holds it.
type Kind string

// The kinds, RFC 8705 §2.1.2.
const (
	SubjectDN Kind = "tls_client_auth_subject_dn"
	DNS       Kind = "tls_client_auth_san_dns"
	URI       Kind = "tls_client_auth_san_uri"
	IP        Kind = "tls_client_auth_san_ip"
	Email     Kind = "tls_client_auth_san_email"
)

// Name is one name in its canonical form. Two of them match when they are equal.
// The zero Name is in no certificate.
type Name struct {
	kind Kind
	form string
}

// ErrMalformed is wrapped by every refusal of a name. The text after it never
// holds the name itself, which may be personal.
var ErrMalformed = errors.New("names: malformed")

func malformed(reason string) error { return fmt.Errorf("%w: %s", ErrMalformed, reason) }

// maxName bounds a registered name, in bytes. The longest subjects of the
// ecosystems have about 500.
const maxName = 2048

// readers are the forms that a client writes its names in.
var readers = map[Kind]func(text string) (string, error){
	SubjectDN: subjectAsWritten,
	DNS:       readDNS,
	URI:       readURI,
	IP:        readIP,
	Email:     readEmail,
}

// Parse reads a name as a client registers it: a subject as RFC 4514 writes it, a
// host name without wildcard, an absolute URI, an IP address as text, an email
// address. The error wraps ErrMalformed.
func Parse(kind Kind, text string) (Name, error) {
	read, ok := readers[kind]
	if !ok {
		return Name{}, malformed("unknown kind of name")
	}
	if err := withinLength(text); err != nil {
		return Name{}, err
	}
	form, err := read(text)
	if err != nil {
		return Name{}, err
	}
	return Name{kind, form}, nil
}

func withinLength(text string) error {
	if text == "" || len(text) > maxName {
		return malformed("a name has 1 to 2048 bytes")
	}
	return nil
}

// subjectAltName is the extension of RFC 5280 §4.2.1.6.
var subjectAltName = asn1.ObjectIdentifier{2, 5, 29, 17}

// Of are the names in a certificate: its subject and its alternative names. One
// that cannot be read is left out.
func Of(certificate *x509.Certificate) []Name {
	var found []Name
	if form, err := subjectForm(certificate.RawSubject); err == nil {
		found = append(found, Name{SubjectDN, form})
	}
	for _, extension := range certificate.Extensions {
		if extension.Id.Equal(subjectAltName) {
			found = append(found, alternatives(extension.Value)...)
		}
	}
	return found
}

// SubjectForm is the form in which the subject of a certificate is compared, for a
// person to look at. The error wraps ErrMalformed: the subject matches nothing.
func SubjectForm(certificate *x509.Certificate) (string, error) {
	return subjectForm(certificate.RawSubject)
}
