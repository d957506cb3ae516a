package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestCertificateProvesClient: the certificate of a client of tls_client_auth is
// by an authority that the issuer trusts, for clients, in time, and of the name
// that was registered (MTLS-3: RFC 8705 §2.1).
func TestCertificateProvesClient(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		const name = "pay.bank.example"
		directory, now := s.Directory(), s.Now()
		named := func(san string) rig.Option {
			return rig.ByCertificate(directory.Issue(rig.Named(san)), func(m *metadata.Client) { m.TLSClientAuthSANDNS = san })
		}
		by := func(a rig.Authority, changes ...func(*x509.Certificate)) rig.Change {
			return rig.With(a.Issue(append([]func(*x509.Certificate){rig.Named(name)}, changes...)...))
		}
		refuseAll(t, s.Client(t, named(name)), []bad{
			{"BAD-29", "CN is the name, no SAN is", by(directory, rig.Named("other.example"), commonName(name))},
			{"BAD-29", "CN is the name, there is no SAN", by(directory, rig.Named(), commonName(name))},
			{"BAD-30", "the name, by an authority of nobody's that calls itself as the trusted one does", by(rig.NewAuthority())},
			{"BAD-30", "the name, by the authority of another ecosystem: that of the services", by(s.Internal())},
			{"BAD-31", "expired a minute ago", by(directory, during(now.Add(-time.Hour), now.Add(-time.Minute)))},
			{"BAD-31", "valid in a minute", by(directory, during(now.Add(time.Minute), now.Add(time.Hour)))},
			{"BAD-31", "for servers only", by(directory, func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })},
			{"BAD-33", "a wildcard that the name fits", by(directory, rig.Named("*.bank.example"))},
			{"BAD-33", "a domain above the name", by(directory, rig.Named("bank.example"))},
		})
		t.Run("BAD-33 a wildcard cannot be registered, or names itself alone", func(t *testing.T) {
			asked := registrable(rig.ES256Key()).with("jwks", nil, "token_endpoint_auth_method", oauth.AuthTLSClient, "tls_client_auth_san_dns", "*.bank.example")
			answer := s.Send(t, s.RegistrationRequest(t, rig.FAPI2, asked))
			answer.Refused(t, http.StatusBadRequest, invalidMetadata)
		})
		t.Run("MTLS-3 the name in other letters: good", func(t *testing.T) {
			c := s.Client(t, named("Pay.Bank.Example"))
			c.Send(t, c.Credentials(by(directory))).Is(t, http.StatusOK)
		})
	})
}

// TestSelfSignedCertificateExpires: who signed a certificate among the client's
// keys says nothing; its time counts (MTLS-4).
func TestSelfSignedCertificateExpires(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		c := s.Client(t, rig.SelfSigned)
		refuseAll(t, c, []bad{
			{"BAD-30", "not among its keys, though by the trusted authority", rig.With(s.Directory().Issue())},
			{"BAD-30", "another client's", rig.With(s.Client(t, rig.SelfSigned).Certificate)},
		})
		for why, when := range map[string]func(*x509.Certificate){
			"BAD-31 expired":       during(s.Now().Add(-time.Hour), s.Now().Add(-time.Minute)),
			"BAD-31 not yet valid": during(s.Now().Add(time.Minute), s.Now().Add(time.Hour)),
		} {
			t.Run(why, func(t *testing.T) {
				c := s.Client(t, rig.SelfSignedBy(rig.NewAuthority().Issue(when)))
				c.Send(t, c.Credentials()).Refused(t, http.StatusUnauthorized, invalidClient)
			})
		}
	})
}

func commonName(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: name} }
}

func during(from, to time.Time) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.NotBefore, c.NotAfter = from, to }
}

// The attribute types of the names below, RFC 4519.
var (
	country      = asn1.ObjectIdentifier{2, 5, 4, 6}
	organization = asn1.ObjectIdentifier{2, 5, 4, 10}
	unit         = asn1.ObjectIdentifier{2, 5, 4, 11}
	common       = asn1.ObjectIdentifier{2, 5, 4, 3}
)

func attribute(of asn1.ObjectIdentifier, value any) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: of, Value: value}
}

// utf8String is a text that is not written as PrintableString.
func utf8String(text string) asn1.RawValue {
	return asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte(text)}
}

// TestSubjectIsCompared: two distinguished names are one where RFC 4517's
// distinguishedNameMatch says so, however they are written (BAD-32, MTLS-3).
func TestSubjectIsCompared(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		type rdn = []pkix.AttributeTypeAndValue
		gb, bank, pay := rdn{attribute(country, "GB")}, rdn{attribute(organization, "Bank")}, rdn{attribute(common, utf8String("Pay, Inc."))}
		subject := func(rdns ...rdn) rig.Change {
			var sequence pkix.RDNSequence
			for _, r := range rdns {
				sequence = append(sequence, r)
			}
			der, err := asn1.Marshal(sequence)
			if err != nil {
				t.Fatal(err)
			}
			return rig.With(s.Directory().Issue(func(c *x509.Certificate) { c.RawSubject = der }))
		}
		c := s.Client(t, rig.ByCertificate(s.Directory().Issue(), func(m *metadata.Client) { m.TLSClientAuthSubjectDN = `CN=Pay\, Inc.,O=Bank,C=GB` }))
		good := subject(gb, bank, pay)
		for _, row := range []bad{
			{"BAD-32", "as registered", good},
			{"BAD-32", "PrintableString and UTF8String are one text", subject(gb, rdn{attribute(organization, utf8String("Bank"))}, rdn{attribute(common, "Pay, Inc.")})},
			{"BAD-32", "in other letters, with more space", subject(gb, rdn{attribute(organization, "BANK")}, rdn{attribute(common, utf8String(" pay,  inc. "))})},
		} {
			t.Run(row.name()+": good", func(t *testing.T) { c.Send(t, c.Credentials(row.change)).Is(t, http.StatusOK) })
		}
		for _, row := range []bad{
			{"BAD-32", "another type of attribute with the same text", subject(gb, rdn{attribute(unit, "Bank")}, pay)},
			{"BAD-32", "another order", subject(pay, bank, gb)},
			{"BAD-32", "a comma that separates two values in one", subject(gb, bank, rdn{attribute(common, utf8String("Pay")), attribute(common, utf8String("Inc."))})},
			{"BAD-32", "two attributes in one RDN", subject(gb, append(rdn{attribute(organization, "Bank")}, pay...))},
			{"BAD-32", "one RDN more", subject(gb, bank, pay, rdn{attribute(unit, "Sales")})},
			{"BAD-32", "one RDN less", subject(bank, pay)},
			{"BAD-32", "the whole DN as the text of one attribute", subject(rdn{attribute(common, utf8String(`Pay\, Inc.,O=Bank,C=GB`))})},
		} {
			t.Run(row.name(), func(t *testing.T) {
				c.Send(t, c.Credentials(row.change)).Refused(t, http.StatusUnauthorized, invalidClient)
			})
		}
	})
}

// TestCertificateInHeader: a header that anybody can write is no certificate, at
// either listener, whatever the connection brings (MTLS-7, THR-7).
func TestCertificateInHeader(t *testing.T) {
	t.Parallel()
	eachRendering(t, func(t *testing.T, s *rig.Suite) {
		for _, k := range []kind{kinds[2], kinds[4]} {
			victim := k.client(t, s)
			der := victim.Certificate.Certificate[0]
			text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
			plain := s.Metadata(rig.FAPI2).TokenEndpoint
			for header, value := range map[string]string{
				"X-SSL-Client-Cert":           url.QueryEscape(text),
				"X-SSL-Cert":                  url.QueryEscape(text),
				"X-Client-Cert":               base64.StdEncoding.EncodeToString(der),
				"SSL-Client-Cert":             url.QueryEscape(text),
				"Client-Cert":                 ":" + base64.StdEncoding.EncodeToString(der) + ":",
				"X-Forwarded-Client-Cert":     `Cert="` + url.QueryEscape(text) + `"`,
				"X-Forwarded-Tls-Client-Cert": base64.StdEncoding.EncodeToString(der),
			} {
				for at, change := range map[string]rig.Change{
					"the public port":                                     rig.All(rig.With(nil), rig.To(plain)),
					"the port that asks for one":                          rig.With(nil),
					"the port that asks for one, with the attacker's own": rig.With(attackers()),
				} {
					t.Run("BAD-34 "+k.name+" "+header+" at "+at, func(t *testing.T) {
						request := victim.Credentials(change, rig.Header(header, value), rig.Header("X-SSL-Client-Verify", "SUCCESS"))
						victim.Send(t, request).Refused(t, http.StatusUnauthorized, invalidClient)
					})
				}
			}
			victim.Send(t, victim.Credentials()).Is(t, http.StatusOK)
		}
	})
}

func attackers() *tls.Certificate { return rig.NewAuthority().Issue() }
