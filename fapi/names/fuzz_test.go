package names

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// FuzzParseDN: a text that is read names exactly the certificate that is made of
// its canonical form.
func FuzzParseDN(f *testing.F) {
	for _, seed := range []string{
		`CN=psp.example,2.5.4.97=PSDDE-BAFIN-123456,` + germanOrganisation + `,L=K\C3\B6ln,C=DE`, `OU=X+UID=7+CN=A,C=GB`, `2.5.4.3=#13024252`,
		`2.5.4.45=#03020780`, ` CN = \ a  b\20 , C=GB`, `CN=ΣΑΣ`, `CN=ﬁ ǰ İ`, `CN=a\`, `CN=#`, `=,+`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name, err := Parse(SubjectDN, text)
		if err != nil {
			return
		}
		if cert := ofForm(t, name.form); cert != nil && !slices.Contains(Of(cert), name) {
			t.Errorf("%q: the certificate of %s has %v", text, name.form, Of(cert))
		}
	})
}

// ofForm is a certificate with a subject of this form; nil where Go's numbers are
// too small for one of its OIDs.
func ofForm(t *testing.T, form string) *x509.Certificate {
	var rdns []relativeNameSET
	for form != "" {
		var set relativeNameSET
		for {
			oid, rest, _ := strings.Cut(form, "=")
			for arc := range strings.SplitSeq(oid, ".") {
				if n, err := strconv.Atoi(arc); err != nil || n > 1<<30 {
					return nil
				}
			}
			if oid[0] != '2' && strings.HasPrefix(oid[1:], ".") {
				if second, _ := strconv.Atoi(strings.SplitN(oid, ".", 3)[1]); second > 39 {
					return nil
				}
			}
			quoted, err := strconv.QuotedPrefix(rest[1:])
			if err == nil {
				text, _ := strconv.Unquote(quoted)
				set = append(set, rdn(value{oid, utf8String, text})...)
				form = rest[1+len(quoted):]
			} else {
				end := 1 + len(rest[1:]) - len(strings.TrimLeft(rest[1:], "0123456789abcdef"))
				der, _ := hex.DecodeString(rest[1:end])
				v := rdn(value{oid, 0, ""})[0]
				v.Value.FullBytes = der
				set = append(set, v)
				form = rest[end:]
			}
			more := strings.HasPrefix(form, "+")
			form = strings.TrimLeft(form, "+,")
			if !more {
				break
			}
		}
		rdns = append(rdns, set)
	}
	return certificate(t, rdns...)
}

// FuzzCertificateNames: whatever a certificate holds, reading its names ends and
// always finds the same.
func FuzzCertificateNames(f *testing.F) {
	f.Add(certificate(f, brazil...).RawSubject, named(f, general(tagDNS, "a.example"), general(tagIP, "\x7f\x00\x00\x01")).Extensions[0].Value)
	f.Add([]byte{0x30, 0x80}, []byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, subject, extension []byte) {
		cert := &x509.Certificate{RawSubject: bytes.Clone(subject), Extensions: []pkix.Extension{{Id: subjectAltName, Value: bytes.Clone(extension)}}}
		first := Of(cert)
		if !slices.Equal(first, Of(cert)) || slices.Contains(first, Name{}) {
			t.Errorf("names are %v, then %v", first, Of(cert))
		}
	})
}
