package qcstatement

import (
	"crypto/x509"
	"regexp"
)

// Organization is what organizationIdentifier of a subject says of a payment
// service provider, ETSI TS 119 495 §5.2.1: PSDGB-FCA-765112.
type Organization struct {
	// AuthorityID is as in PSD2: GB-FCA.
	AuthorityID string
	// ID is what that authority calls the organization.
	ID string
}

// psdIdentifier is "PSD", NCAId and an identifier of printable ASCII without
// spaces.
var psdIdentifier = regexp.MustCompile(`^PSD([A-Z]{2}-[A-Z]{2,8})-([\x21-\x7e]{1,64})$`)

// organizationIdentifier is that attribute, ITU-T X.520 §6.4.4.
const organizationIdentifier = "2.5.4.97"

// OrganizationOf reads the subject of a certificate. Found is false where it has
// no such identifier of a payment service provider, or more than one.
func OrganizationOf(certificate *x509.Certificate) (o Organization, found bool) {
	for _, attribute := range certificate.Subject.Names {
		value, ok := attribute.Value.(string)
		if !ok || attribute.Type.String() != organizationIdentifier {
			continue
		}
		parts := psdIdentifier.FindStringSubmatch(value)
		if found || parts == nil {
			return Organization{}, false
		}
		o, found = Organization{AuthorityID: parts[1], ID: parts[2]}, true
	}
	return o, found
}
