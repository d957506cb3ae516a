package operators

import (
	"crypto/x509"
	"slices"
	"strings"
)

// Caller is one operator, or one program that acts for some.
type Caller struct {
	// Name is in the certificate, with its kind: dns:, uri: or email:.
	Name string
	Role Role
	// Issuers are those that it may act for, by name; nil for all.
	Issuers []string
}

// MayActFor tells whether an issuer is the caller's.
func (c Caller) MayActFor(issuer string) bool {
	return c.Issuers == nil || slices.Contains(c.Issuers, issuer)
}

// namesOf are the alternative names by which an operator can be known.
func namesOf(certificate *x509.Certificate) []string {
	var names []string
	for _, name := range certificate.DNSNames {
		names = append(names, "dns:"+strings.ToLower(name))
	}
	for _, uri := range certificate.URIs {
		names = append(names, "uri:"+uri.String())
	}
	for _, address := range certificate.EmailAddresses {
		names = append(names, "email:"+address)
	}
	return names
}

// find is the one caller of the table whose name a certificate bears. A
// certificate that bears the names of several is nobody's: which of the roles it
// has would be a guess.
func find(table []Caller, certificate *x509.Certificate) (found Caller, ok bool) {
	names := namesOf(certificate)
	for _, caller := range table {
		if !slices.Contains(names, caller.Name) {
			continue
		}
		if ok {
			return Caller{}, false
		}
		found, ok = caller, true
	}
	return found, ok
}
