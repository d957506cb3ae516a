package clientreg_test

import (
	"crypto/x509"
	"fmt"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// brazilianDN is a participant's subject as Open Finance Brasil writes it.
func brazilianDN(claims object) string {
	org := "OFBBR-" + claims["org_id"].(string)
	return fmt.Sprintf("2.5.4.97=#0c%02x%x,UID=%s,OU=%s", len(org), org, claims["software_id"], claims["org_id"])
}

// TestFrameworkTrustStore is BAD-30 between ecosystems: a client that came through
// a trust framework proves itself by a certificate of that framework's authorities,
// any other by one of the issuer's.
func TestFrameworkTrustStore(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		service := w.replica(host.fetching(t))
		application := w.application(brazil, host, member("token_endpoint_auth_method", "tls_client_auth"))
		application.members["tls_client_auth_subject_dn"] = brazilianDN(application.claims)
		client, err := service.apply(application)
		if err != nil {
			t.Fatal(err)
		}
		stranger := service.certified("tls_client_auth_subject_dn", brazilianDN(application.claims))
		byFramework := participant(application.claims)
		subject := must(x509.ParseCertificate(byFramework[0])).RawSubject
		byIssuer := foreignCA.issue(func(c *x509.Certificate) { c.RawSubject = subject })
		tests := []struct {
			name     string
			clientID string
			chain    [][]byte
			accepted bool
		}{
			{"the framework's client, by its authority", client.ClientID, byFramework, true},
			{"the framework's client, by the issuer's authority", client.ClientID, byIssuer, false},
			{"another client, by the issuer's authority", stranger.ClientID, byIssuer, true},
			{"another client, by the framework's authority", stranger.ClientID, byFramework, false},
			{"the framework's client, by nobody", client.ClientID, attackerCA.issue(func(c *x509.Certificate) { c.RawSubject = subject }), false},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				for range 2 {
					_, err := service.present(test.clientID, test.chain)
					wantAuthenticated(t, err, test.accepted)
				}
			})
		}
		t.Run("BAD-160 an attribute that the ecosystem writes as an OID", func(t *testing.T) {
			a := w.application(brazil, host, member("token_endpoint_auth_method", "tls_client_auth"), member("tls_client_auth_subject_dn", "organizationIdentifier=OFBBR-org-1"))
			_, err := service.apply(a)
			wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "MTLS-1", 400)
		})
		t.Run("the framework is configured no longer", func(t *testing.T) {
			without := *w.here
			without.TrustFrameworks, without.Registration = nil, issuer.RegistrationPolicy{}
			other := *w
			other.set = must(issuer.NewSet(without))
			other.here, _ = other.set.ByName(without.Name)
			for _, chain := range [][][]byte{byFramework, byIssuer} {
				_, err := other.replica().present(client.ClientID, chain)
				wantAuthenticated(t, err, false)
			}
		})
	})
}
