package names

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"testing"
)

// TestSubjectValues: identifiers of an ecosystem stand in attributes of their own
// (BAD-154).
func TestSubjectValues(t *testing.T) {
	uid := asn1.ObjectIdentifier{0, 9, 2342, 19200300, 100, 1, 1}
	certificate := &x509.Certificate{Subject: pkix.Name{Names: []pkix.AttributeTypeAndValue{
		{Type: uid, Value: "a"}, {Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: "b"}, {Type: uid, Value: "c"}, {Type: uid, Value: 7},
	}}}
	for name, want := range map[string][]string{"UID": {"a", "c"}, "0.9.2342.19200300.100.1.1": {"a", "c"}, "ou": {"b"}, "CN": nil} {
		oid, err := AttributeType(name)
		if got := SubjectValues(certificate, oid); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := AttributeType("foo"); err == nil {
		t.Error("an unknown name was guessed")
	}
}
