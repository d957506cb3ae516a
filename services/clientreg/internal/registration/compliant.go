package registration

import "github.com/strongroom-fapi/strongroom/fapi/oauth"

// compliant makes a client FAPI-compliant by one switch, the issuer's or its own:
// what the profile wants follows by itself, and the profile's rules see to it that
// nothing is missing. A client that proves itself by a certificate has its tokens
// bound to that; one that signs assertions may bind them by DPoP or by a
// certificate, and without a word gets the one that needs no certificate.
func compliant(r *registration) error {
	m := &r.metadata
	m.FAPICompliant = m.FAPICompliant || r.Issuer.FAPICompliant
	if !m.FAPICompliant || m.Resource != "" {
		m.FAPICompliant = false // a resource server obtains no tokens
		return nil
	}
	m.RequirePAR, m.RequirePKCE = true, true
	if m.CertificateBoundTokens || m.DPoPBoundTokens {
		return nil
	}
	if m.TokenEndpointAuthMethod == oauth.AuthTLSClient || m.TokenEndpointAuthMethod == oauth.AuthSelfSignedTLSClient {
		m.CertificateBoundTokens = true
	} else {
		m.DPoPBoundTokens = true
	}
	return nil
}
