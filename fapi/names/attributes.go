package names

import "crypto/x509"

// AttributeType is the dotted OID of an attribute type: of a short name, which
// compares without case, or of a dotted OID itself. The error wraps ErrMalformed.
func AttributeType(text string) (string, error) { return attributeType(text) }

// SubjectValues are the values that an attribute type, a dotted OID, has in a
// certificate's subject, as text. Compare them as they are: identifiers of
// directories differ by case.
func SubjectValues(certificate *x509.Certificate, oid string) []string {
	var values []string
	for _, attribute := range certificate.Subject.Names {
		if text, ok := attribute.Value.(string); ok && attribute.Type.String() == oid {
			values = append(values, text)
		}
	}
	return values
}
