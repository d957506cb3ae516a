package names

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"strconv"
	"strings"
	"testing"
)

// value is one attribute as a certificate holds it.
type value struct {
	oid  string
	tag  int
	text string
}

const (
	utf8String = asn1.TagUTF8String
	printed    = asn1.TagPrintableString
	ia5        = asn1.TagIA5String
)

// rdn is one RDN of a certificate.
func rdn(values ...value) relativeNameSET {
	var set relativeNameSET
	for _, v := range values {
		var oid asn1.ObjectIdentifier
		for arc := range strings.SplitSeq(v.oid, ".") {
			n, err := strconv.Atoi(arc)
			if err != nil {
				panic(err)
			}
			oid = append(oid, n)
		}
		set = append(set, attributeValue{oid, asn1.RawValue{Tag: v.tag, Bytes: []byte(v.text)}})
	}
	return set
}

// certificate has a subject, its RDNs in the order of DER: the country first.
func certificate(t testing.TB, rdns ...relativeNameSET) *x509.Certificate {
	t.Helper()
	der, err := asn1.Marshal(rdnSequence(rdns))
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{RawSubject: der}
}

// general is one entry of a subjectAltName extension.
func general(tag int, text string) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: tag, Bytes: []byte(text)}
}

func named(t testing.TB, entries ...asn1.RawValue) *x509.Certificate {
	t.Helper()
	der, err := asn1.Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	return &x509.Certificate{Extensions: []pkix.Extension{{Id: subjectAltName, Value: der}}}
}
