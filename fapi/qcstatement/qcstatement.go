// Package qcstatement reads what a qualified certificate says of a payment service
// provider: its roles, and the national competent authority that gave them (ETSI
// TS 119 495 §5, the qcStatements extension of RFC 3739 §3.2.6).
package qcstatement

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"regexp"
	"unicode"
	"unicode/utf8"
)

// Role is a role of a payment service provider, under PSD2.
type Role string

// The roles, ETSI TS 119 495 §5.2.2, by their names there.
const (
	// AccountServicing keeps accounts.
	AccountServicing Role = "PSP_AS"
	// PaymentInitiation initiates payments.
	PaymentInitiation Role = "PSP_PI"
	// AccountInformation reads accounts.
	AccountInformation Role = "PSP_AI"
	// CardIssuing issues card-based payment instruments.
	CardIssuing Role = "PSP_IC"
)

// Roles are all of them.
var Roles = []Role{AccountServicing, PaymentInitiation, AccountInformation, CardIssuing}

// PSD2 is what the statement says. The certificate is to be trusted first: anybody
// can write this.
type PSD2 struct {
	// Roles, each once, in the order of the certificate; at least one.
	Roles []Role
	// AuthorityName is that of the national competent authority.
	AuthorityName string
	// AuthorityID is its country, a dash and its letters: GB-FCA.
	AuthorityID string
}

// ErrMalformed is wrapped by every refusal.
var ErrMalformed = errors.New("qcstatement: malformed")

func malformed(reason string) error { return fmt.Errorf("%w: %s", ErrMalformed, reason) }

// Object identifiers of RFC 3739 and ETSI TS 119 495 annex A.
var (
	extensionID = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 3}
	psd2ID      = asn1.ObjectIdentifier{0, 4, 0, 19495, 2}
	roleIDs     = map[string]Role{
		"0.4.0.19495.1.1": AccountServicing, "0.4.0.19495.1.2": PaymentInitiation,
		"0.4.0.19495.1.3": AccountInformation, "0.4.0.19495.1.4": CardIssuing,
	}
)

// statement is QCStatement, RFC 3739 annex A.2.
type statement struct {
	ID   asn1.ObjectIdentifier
	Info asn1.RawValue `asn1:"optional"`
}

// Of reads a certificate. Found is false where it says nothing of PSD2. What it
// says ambiguously, twice or beyond the standard's form is an error, which wraps
// [ErrMalformed]: a role is not guessed.
func Of(certificate *x509.Certificate) (said PSD2, found bool, err error) {
	var value []byte
	for _, extension := range certificate.Extensions {
		if !extension.Id.Equal(extensionID) {
			continue
		}
		if value != nil {
			return PSD2{}, false, malformed("more than one qcStatements extension") // RFC 5280 §4.2
		}
		value = extension.Value
	}
	if value == nil {
		return PSD2{}, false, nil
	}
	var statements []statement
	if rest, err := asn1.Unmarshal(value, &statements); err != nil || len(rest) > 0 {
		return PSD2{}, false, malformed("not a sequence of statements")
	}
	for _, s := range statements {
		if !s.ID.Equal(psd2ID) {
			continue
		}
		if found {
			return PSD2{}, false, malformed("more than one PSD2 statement")
		}
		if said, err = read(s.Info.FullBytes); err != nil {
			return PSD2{}, false, err
		}
		found = true
	}
	return said, found, nil
}

// read takes PSD2QcType apart. Texts stay raw: the standard has UTF8String, and
// encoding/asn1 would take others too.
func read(der []byte) (PSD2, error) {
	var info struct {
		Roles []struct {
			ID   asn1.ObjectIdentifier
			Name asn1.RawValue
		}
		AuthorityName asn1.RawValue
		AuthorityID   asn1.RawValue
		Rest          asn1.RawValue `asn1:"optional"`
	}
	if rest, err := asn1.Unmarshal(der, &info); err != nil || len(rest) > 0 || len(info.Rest.FullBytes) > 0 {
		return PSD2{}, malformed("not a PSD2QcType")
	}
	var said PSD2
	seen := map[Role]bool{}
	for _, role := range info.Roles {
		known, ok := roleIDs[role.ID.String()]
		name, err := text(role.Name)
		switch {
		case err != nil:
			return PSD2{}, err
		case !ok:
			return PSD2{}, malformed("a role that PSD2 has not")
		case name != string(known):
			return PSD2{}, malformed("a role's name is another role's")
		case seen[known]:
			return PSD2{}, malformed("a role twice")
		}
		seen[known] = true
		said.Roles = append(said.Roles, known)
	}
	if len(said.Roles) == 0 {
		return PSD2{}, malformed("no role")
	}
	var err error
	if said.AuthorityName, err = text(info.AuthorityName); err != nil {
		return PSD2{}, err
	}
	if said.AuthorityID, err = text(info.AuthorityID); err != nil {
		return PSD2{}, err
	}
	if !authorityID.MatchString(said.AuthorityID) {
		return PSD2{}, malformed("the authority's id is not a country and its letters")
	}
	return said, nil
}

// authorityID is NCAId, ETSI TS 119 495 §5.2.3: a country of ISO 3166-1, a dash
// and 2 to 8 letters.
var authorityID = regexp.MustCompile(`^[A-Z]{2}-[A-Z]{2,8}$`)

// maxText is the longest text of a statement, in characters, ETSI TS 119 495
// annex A.
const maxText = 256

// text reads a UTF8String of at least one character, none of which is a control
// character.
func text(value asn1.RawValue) (string, error) {
	read := string(value.Bytes)
	if value.Class != asn1.ClassUniversal || value.Tag != asn1.TagUTF8String || value.IsCompound || !utf8.ValidString(read) {
		return "", malformed("a text is no UTF8String")
	}
	if length := utf8.RuneCountInString(read); length == 0 || length > maxText {
		return "", malformed("a text has 1 to 256 characters")
	}
	for _, c := range read {
		if unicode.IsControl(c) {
			return "", malformed("a text has control characters")
		}
	}
	return read, nil
}
