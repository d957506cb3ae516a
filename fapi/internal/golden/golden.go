// Package golden makes certificates with the subjects and statements that those of
// the ecosystems have, for tests. Every name, number and key in them is ours. What
// it makes is committed in testdata, so that tests read files as they read those of
// others; `go run ./internal/golden/write` writes them anew, octet by octet the
// same.
package golden

import (
	"crypto/ed25519"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Certificates are PEM by file name. The key that signs is the same for all, and
// everybody's.
func Certificates() (map[string][]byte, error) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	made := map[string][]byte{}
	for name, c := range certificates {
		template, err := c.template()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		// A nil reader: Ed25519 has no use for randomness, and so repeats itself.
		der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		made[name+".pem"] = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return made, nil
}

// certificate is what tests read in one.
type certificate struct {
	// subject has its RDNs in the order of DER, the country first.
	subject []rdn
	// statements are those of the qcStatements extension; nil for no extension.
	statements []statement
	hosts      []string
	uris       []string
	emails     []string
	ips        []net.IP
}

// rdn is one RDN: most have one attribute.
type rdn []attribute

// attribute is a type, its value's string type and text.
type attribute struct {
	oid  string
	tag  int
	text string
}

func printed(oid, text string) rdn { return rdn{{oid, asn1.TagPrintableString, text}} }
func utf8(oid, text string) rdn    { return rdn{{oid, asn1.TagUTF8String, text}} }

func (c certificate) template() (*x509.Certificate, error) {
	subject, err := c.rawSubject()
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), RawSubject: subject, DNSNames: c.hosts, EmailAddresses: c.emails, IPAddresses: c.ips,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, BasicConstraintsValid: true,
	}
	for _, text := range c.uris {
		uri, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		t.URIs = append(t.URIs, uri)
	}
	if c.statements != nil {
		value, err := asn1.Marshal(c.statements)
		if err != nil {
			return nil, err
		}
		t.ExtraExtensions = []pkix.Extension{{Id: oid("1.3.6.1.5.5.7.1.3"), Value: value}}
	}
	return t, nil
}

// relativeNameSET is one RDN as DER has it; the suffix tells encoding/asn1 so.
type relativeNameSET []struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

func (c certificate) rawSubject() ([]byte, error) {
	sequence := make([]relativeNameSET, len(c.subject))
	for i, r := range c.subject {
		sequence[i] = make(relativeNameSET, len(r))
		for n, a := range r {
			sequence[i][n].Type = oid(a.oid)
			sequence[i][n].Value = asn1.RawValue{Tag: a.tag, Bytes: []byte(a.text)}
		}
	}
	return asn1.Marshal(sequence)
}

// oid reads what this package has written.
func oid(dotted string) asn1.ObjectIdentifier {
	var arcs asn1.ObjectIdentifier
	for arc := range strings.SplitSeq(dotted, ".") {
		n, err := strconv.Atoi(arc)
		if err != nil {
			panic(err)
		}
		arcs = append(arcs, n)
	}
	return arcs
}
