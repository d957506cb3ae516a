package authn

import (
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// Presented is what a request brought, read once and not yet believed.
type Presented struct {
	// ClientID is whom the request claims to come from.
	ClientID string
	// Certificates are the TLS peer's, DER, leaf first, where they are the proof.
	Certificates [][]byte
	assertion    *jose.Signed
	claims       claims
}

// ByCertificate tells that the proof is the certificate of the connection.
func (p *Presented) ByCertificate() bool { return p.assertion == nil }

// The refusals here depend on the request alone, so that they may be precise
// without telling anything of a client.
var (
	errSeveral   = oauth.InvalidClient("more than one client authentication method was used").By("WIRE-9")
	errSecret    = oauth.InvalidClient("client secrets are not accepted").By("SP2-6")
	errMissing   = oauth.InvalidClient("client authentication is required").By("CA-1")
	errUnnamed   = oauth.InvalidClient("client_id is required: a certificate alone does not name a client").By("MTLS-3")
	errType      = oauth.InvalidClient("client_assertion_type must be " + oauth.AssertionTypeJWTBearer).By("PKJ-1")
	errMalformed = oauth.InvalidClient("client_assertion is malformed, or not signed by PS256, ES256 or EdDSA").By("PKJ-2")
	errSubject   = oauth.InvalidClient("client_assertion has no sub").By("PKJ-2")
	errClientID  = oauth.InvalidClient("client_id and client_assertion name different clients").By("PKJ-1")
)

// Read counts the methods (WIRE-9: RFC 7521 §4.2.1) and finds out who is
// claimed. A certificate beside an assertion only binds tokens and is no second
// method; without one it is the proof.
func Read(c *rpcv1.Credentials) (*Presented, error) {
	secret := c.GetAuthorizationPresent() || c.GetClientSecretPresent()
	switch {
	case c.GetClientAssertion() != "" && secret:
		return nil, errSeveral
	case secret:
		return nil, errSecret
	case c.GetClientAssertion() == "":
		return readCertificates(c)
	case c.GetClientAssertionType() != oauth.AssertionTypeJWTBearer:
		return nil, errType
	}
	return readAssertion(c.GetClientAssertion(), c.GetClientId())
}

// readCertificates takes the client from client_id, RFC 8705 §2.
func readCertificates(c *rpcv1.Credentials) (*Presented, error) {
	switch {
	case len(c.GetCertificates()) == 0 || c.GetClientAssertionType() != "":
		return nil, errMissing
	case c.GetClientId() == "":
		return nil, errUnnamed
	}
	return &Presented{ClientID: c.GetClientId(), Certificates: c.GetCertificates()}, nil
}

// readAssertion takes the client from sub. A client_id parameter is optional,
// and must name the same client (RFC 7521 §4.2).
func readAssertion(compact, clientID string) (*Presented, error) {
	assertion, err := jose.Parse(compact)
	if err != nil {
		return nil, errMalformed.Because(err)
	}
	p := &Presented{assertion: assertion}
	if err := assertion.Claims(&p.claims); err != nil {
		return nil, errMalformed.Because(err)
	}
	p.ClientID = p.claims.Subject
	switch {
	case p.ClientID == "":
		return nil, errSubject
	case clientID != "" && clientID != p.ClientID:
		return nil, errClientID
	}
	return p, nil
}
