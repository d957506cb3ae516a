package clientreg_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"net"
	"net/url"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// certified registers a client of tls_client_auth by one name.
func (r *replica) certified(member, name string) registered {
	r.t.Helper()
	return r.register(unset("jwks"), set("token_endpoint_auth_method", "tls_client_auth"), set(member, name))
}

const subjectDN = `CN=tpp.example,O=Bank\, Inc,C=BR`

func TestTLSClientAuthAccepts(t *testing.T) {
	bySub := append(bankSubCA.issue(), bankCA.certificate.Raw)
	utf8 := func(c *x509.Certificate) {
		c.RawSubject = must(asn1.Marshal(pkix.RDNSequence{
			{{Type: asn1.ObjectIdentifier{2, 5, 4, 6}, Value: "BR"}},
			{{Type: asn1.ObjectIdentifier{2, 5, 4, 10}, Value: asn1.RawValue{Tag: asn1.TagUTF8String, Bytes: []byte("BANK,  inc")}}},
			{{Type: asn1.ObjectIdentifier{2, 5, 4, 3}, Value: "TPP.example"}},
		}))
	}
	many := func(c *x509.Certificate) { c.DNSNames = []string{"a.example", "TPP.EXAMPLE", "b.example"} }
	tests := []struct {
		name, member, value string
		chain               [][]byte
	}{
		{"subject", "tls_client_auth_subject_dn", subjectDN, bankCA.issue()},
		{"BAD-32 subject by OIDs and hexadecimal", "tls_client_auth_subject_dn", `2.5.4.3=#0c0b7470702e6578616d706c65,2.5.4.10=Bank\2C Inc,c=br`, bankCA.issue()},
		{"BAD-32 subject in other string types, case and spaces", "tls_client_auth_subject_dn", subjectDN, bankCA.issue(utf8)},
		{"host", "tls_client_auth_san_dns", "tpp.example", bankCA.issue()},
		{"host, one of several, in another case", "tls_client_auth_san_dns", "Tpp.Example", bankCA.issue(many)},
		{"uri", "tls_client_auth_san_uri", "urn:tpp:1", bankCA.issue()},
		{"ip", "tls_client_auth_san_ip", "192.0.2.1", bankCA.issue()},
		{"email", "tls_client_auth_san_email", "Ops@TPP.example", bankCA.issue()},
		{"through an authority in between", "tls_client_auth_san_dns", "tpp.example", bySub},
		{"without the root, which the server has", "tls_client_auth_san_dns", "tpp.example", bankSubCA.issue()},
		{"for any use", "tls_client_auth_san_dns", "tpp.example", bankCA.issue(func(c *x509.Certificate) { c.ExtKeyUsage = nil })},
		{"on its first day", "tls_client_auth_san_dns", "tpp.example", bankCA.issue(valid(now, now.AddDate(1, 0, 0)))},
	}
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				client := service.certified(test.member, test.value)
				for range 2 { // read, then remembered: a certificate is no use-once proof
					got, err := service.present(client.ClientID, test.chain)
					if err != nil {
						t.Fatal(err)
					}
					if got.GetClientId() != client.ClientID || got.GetTokenEndpointAuthMethod() != "tls_client_auth" {
						t.Errorf("client is %v", got)
					}
				}
			})
		}
	})
}

func TestTLSClientAuthRefuses(t *testing.T) {
	weak := must(rsa.GenerateKey(rand.Reader, 1024))
	p224 := must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader))
	expiredCA := newAuthority("Expired CA", bankCA, valid(now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1)))
	noCA := &authority{must(x509.ParseCertificate(bankCA.issue(named(func(n *pkix.Name) { n.CommonName = "No CA" }))[0])), ecKey}
	hosts := func(names ...string) template { return func(c *x509.Certificate) { c.DNSNames = names } }
	tests := []struct {
		name, member, value string
		chain               [][]byte
	}{
		{"BAD-29 common name matches, host does not", "tls_client_auth_san_dns", "tpp.example", bankCA.issue(hosts("other.example"))},
		{"BAD-29 common name matches, no host at all", "tls_client_auth_san_dns", "tpp.example", bankCA.issue(hosts())},
		{"host matches, subject does not", "tls_client_auth_subject_dn", `CN=other.example,O=Bank\, Inc,C=BR`, bankCA.issue()},
		{"BAD-30 authority that nobody trusts", "tls_client_auth_subject_dn", subjectDN, attackerCA.issue()},
		{"BAD-30 that authority without its own certificate", "tls_client_auth_subject_dn", subjectDN, attackerCA.issue()[:1]},
		{"BAD-30 authority of another ecosystem", "tls_client_auth_subject_dn", subjectDN, foreignCA.issue()},
		{"BAD-30 chain of another leaf", "tls_client_auth_subject_dn", subjectDN, [][]byte{attackerCA.issue()[0], bankCA.issue()[0], bankCA.certificate.Raw}},
		{"BAD-30 signed by a client of the authority", "tls_client_auth_subject_dn", subjectDN, [][]byte{noCA.issue()[0], noCA.certificate.Raw}},
		{"BAD-30 the authority in between missing", "tls_client_auth_subject_dn", subjectDN, bankSubCA.issue()[:1]},
		{"self-signed", "tls_client_auth_subject_dn", subjectDN, [][]byte{selfSigned()}},
		{"BAD-31 expired", "tls_client_auth_subject_dn", subjectDN, bankCA.issue(valid(now.AddDate(-1, 0, 0), now.Add(-time.Second)))},
		{"BAD-31 not yet valid", "tls_client_auth_subject_dn", subjectDN, bankCA.issue(valid(now.Add(time.Second), now.AddDate(1, 0, 0)))},
		{"BAD-31 for servers alone", "tls_client_auth_subject_dn", subjectDN, bankCA.issue(func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} })},
		{"BAD-31 authority in between expired", "tls_client_auth_subject_dn", subjectDN, expiredCA.issue()},
		{"BAD-32 same text, other attribute", "tls_client_auth_subject_dn", `OU=tpp.example,O=Bank\, Inc,C=BR`, bankCA.issue()},
		{"BAD-32 order of the certificate", "tls_client_auth_subject_dn", `C=BR,O=Bank\, Inc,CN=tpp.example`, bankCA.issue()},
		{"BAD-32 one multi-valued RDN", "tls_client_auth_subject_dn", `CN=tpp.example+O=Bank\, Inc,C=BR`, bankCA.issue()},
		{"BAD-32 an RDN less", "tls_client_auth_subject_dn", `CN=tpp.example,C=BR`, bankCA.issue()},
		{"BAD-33 wildcard in the certificate", "tls_client_auth_san_dns", "a.tpp.example", bankCA.issue(hosts("*.tpp.example"))},
		{"uri of the same meaning", "tls_client_auth_san_uri", "URN:tpp:1", bankCA.issue()},
		{"ip of another host", "tls_client_auth_san_ip", "192.0.2.2", bankCA.issue(func(c *x509.Certificate) { c.IPAddresses = []net.IP{{192, 0, 2, 1}} })},
		{"ip that is only a host name", "tls_client_auth_san_ip", "192.0.2.7", bankCA.issue(hosts("192.0.2.7"))},
		{"uri that is only a host name", "tls_client_auth_san_uri", "https://tpp.example", bankCA.issue(func(c *x509.Certificate) { c.URIs = []*url.URL{} })},
		{"email with another local part", "tls_client_auth_san_email", "ops@tpp.example", bankCA.issue()},
		{"CRY-2 RSA key of 1024 bits", "tls_client_auth_subject_dn", subjectDN, [][]byte{bankCA.sign(leaf(), weak.Public()), bankCA.certificate.Raw}},
		{"CRY-2 key on P-224", "tls_client_auth_subject_dn", subjectDN, [][]byte{bankCA.sign(leaf(), p224.Public()), bankCA.certificate.Raw}},
		{"not DER", "tls_client_auth_subject_dn", subjectDN, [][]byte{{0x30}}},
		{"an empty certificate", "tls_client_auth_subject_dn", subjectDN, [][]byte{{}}},
		{"DER with more behind", "tls_client_auth_subject_dn", subjectDN, [][]byte{append(bankCA.issue()[0], 0)}},
	}
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				client := service.certified(test.member, test.value)
				_, err := service.present(client.ClientID, test.chain)
				wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
			})
		}
	})
}

// TestCertificateAndMethod is about which proof came, not what is in it.
func TestCertificateAndMethod(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		byName, byKey := service.certified("tls_client_auth_subject_dn", subjectDN), service.register()
		authenticate := func(c *rpcv1.Credentials) error {
			_, err := service.token.Authenticate(w.context(), &clientregv1.AuthenticateRequest{Call: w.call(w.here, oauth.NewID()), Credentials: c})
			return err
		}
		tests := []struct {
			name, rule  string
			credentials *rpcv1.Credentials
		}{
			{"MTLS-3 certificate without client_id", "MTLS-3", &rpcv1.Credentials{Certificates: bankCA.issue()}},
			{"BAD-34 client_id without certificate", "CA-1", &rpcv1.Credentials{ClientId: byName.ClientID}},
			{"certificate of an unknown client", "CA-1", &rpcv1.Credentials{ClientId: oauth.ClientIDPrefix + oauth.NewID(), Certificates: bankCA.issue()}},
			{"BAD-37 certificate of a private_key_jwt client", "CA-1", &rpcv1.Credentials{ClientId: byKey.ClientID, Certificates: bankCA.issue()}},
			{"BAD-37 assertion of a tls_client_auth client", "CA-1", bearing(w.assertion(byName.ClientID))},
			{"BAD-37 that assertion beside the certificate", "CA-1", with(bearing(w.assertion(byName.ClientID)), bankCA.issue())},
			{"client_assertion_type without an assertion", "CA-1", &rpcv1.Credentials{ClientId: byName.ClientID, ClientAssertionType: oauth.AssertionTypeJWTBearer, Certificates: bankCA.issue()}},
			{"WIRE-9 certificate and secret", "SP2-6", &rpcv1.Credentials{ClientId: byName.ClientID, ClientSecretPresent: true, Certificates: bankCA.issue()}},
			{"WIRE-9 certificate and Authorization header", "SP2-6", &rpcv1.Credentials{ClientId: byName.ClientID, AuthorizationPresent: true, Certificates: bankCA.issue()}},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				wantRefusal(t, authenticate(test.credentials), oauth.CodeInvalidClient, test.rule, 401)
			})
		}
		t.Run("WIRE-9 a certificate beside an assertion only binds", func(t *testing.T) {
			if err := authenticate(with(bearing(w.assertion(byKey.ClientID)), attackerCA.issue())); err != nil {
				t.Error(err)
			}
		})
		t.Run("BAD-38 client of another issuer", func(t *testing.T) {
			_, err := service.par.Authenticate(w.context(), &clientregv1.AuthenticateRequest{
				Call: w.call(w.elsewhere, oauth.NewID()), Credentials: &rpcv1.Credentials{ClientId: byName.ClientID, Certificates: foreignCA.issue()},
			})
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
	})
}

func with(c *rpcv1.Credentials, chain [][]byte) *rpcv1.Credentials {
	c.Certificates = chain
	return c
}

// TestRememberedCertificate: what was verified once is not good for ever, and not
// at another issuer.
func TestRememberedCertificate(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.certified("tls_client_auth_subject_dn", subjectDN)
		other := *w
		other.here = w.elsewhere
		foreign := (&replica{&other, service.par, service.token, service.authorize, service.gateway}).certified("tls_client_auth_subject_dn", subjectDN)
		chain := bankCA.issue(valid(now, now.Add(time.Minute)))
		if _, err := service.present(client.ClientID, chain); err != nil {
			t.Fatal(err)
		}
		t.Run("BAD-30 at an issuer that trusts others", func(t *testing.T) {
			_, err := service.par.Authenticate(w.context(), &clientregv1.AuthenticateRequest{
				Call: w.call(w.elsewhere, oauth.NewID()), Credentials: &rpcv1.Credentials{ClientId: foreign.ClientID, Certificates: chain},
			})
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
		t.Run("suspended at the next use", func(t *testing.T) {
			w.change(client.ClientID, `active = $4`, false)
			_, err := service.present(client.ClientID, chain)
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
			w.change(client.ClientID, `active = $4`, true)
			w.forgetGeneration(client.ClientID)
		})
		t.Run("BAD-31 expired since", func(t *testing.T) {
			if _, err := service.present(client.ClientID, chain); err != nil {
				t.Fatal(err)
			}
			w.clock.Advance(time.Minute + time.Second)
			_, err := service.present(client.ClientID, chain)
			wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
		})
	})
}

func TestRegisterTLSClientAuth(t *testing.T) {
	tests := []struct {
		name    string
		rule    string
		changes []func(object)
	}{
		{"BAD-160 no name", "MTLS-1", nil},
		{"BAD-160 two names", "MTLS-1", []func(object){set("tls_client_auth_san_dns", "tpp.example"), set("tls_client_auth_san_ip", "192.0.2.1")}},
		{"BAD-160 two names of another method", "MTLS-1", []func(object){
			set("token_endpoint_auth_method", "private_key_jwt"), set("tls_client_auth_san_dns", "tpp.example"), set("tls_client_auth_san_ip", "192.0.2.1")}},
		{"BAD-160 unknown attribute", "MTLS-1", []func(object){set("tls_client_auth_subject_dn", "foo=bar")}},
		{"BAD-160 subject as openssl shows it", "MTLS-1", []func(object){set("tls_client_auth_subject_dn", "/C=BR/CN=tpp.example")}},
		{"subject empty", "MTLS-1", []func(object){set("tls_client_auth_subject_dn", "")}},
		{"BAD-33 host with a wildcard", "MTLS-1", []func(object){set("tls_client_auth_san_dns", "*.tpp.example")}},
		{"relative uri", "MTLS-1", []func(object){set("tls_client_auth_san_uri", "tpp")}},
		{"network", "MTLS-1", []func(object){set("tls_client_auth_san_ip", "192.0.2.0/24")}},
		{"email without a host", "MTLS-1", []func(object){set("tls_client_auth_san_email", "ops")}},
		{"a number", "DCR-2", []func(object){set("tls_client_auth_subject_dn", 7)}},
	}
	eachSQL(t, func(t *testing.T, service *replica) {
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				changes := append([]func(object){set("token_endpoint_auth_method", "tls_client_auth")}, test.changes...)
				_, err := service.tryRegister(clientToken, document(changes...))
				wantRefusal(t, err, oauth.CodeInvalidClientMetadata, test.rule, 400)
			})
		}
		t.Run("the name is answered as it was sent", func(t *testing.T) {
			client := service.certified("tls_client_auth_subject_dn", "cn = tpp.example , C=BR")
			if client.TLSClientAuthSubjectDN != "cn = tpp.example , C=BR" {
				t.Errorf("registered is %s", client.raw)
			}
		})
		t.Run("the name of a client that needs none is not kept", func(t *testing.T) {
			if client := service.register(set("tls_client_auth_san_dns", "tpp.example")); client.TLSClientAuthSANDNS != "" {
				t.Errorf("registered is %s", client.raw)
			}
		})
	})
}

// TestIssuerWithoutAuthorities serves no tls_client_auth.
func TestIssuerWithoutAuthorities(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.certified("tls_client_auth_subject_dn", subjectDN)
		w.here.ClientCertificates.Authorities = ""
		alone := w.replica()
		_, err := alone.tryRegister(clientToken, document(set("token_endpoint_auth_method", "tls_client_auth"), set("tls_client_auth_san_dns", "tpp.example")))
		wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "SP2-6", 400)
		_, err = alone.present(client.ClientID, bankCA.issue())
		wantRefusal(t, err, oauth.CodeInvalidClient, "CA-1", 401)
	})
}
