package registration

import (
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// servedMethod is narrower than the profile where the issuer trusts nobody's
// certificates, or nobody's of this client's framework.
func servedMethod(r *registration) error {
	method := r.metadata.TokenEndpointAuthMethod
	_, store := r.Issuer.TrustStore(r.Framework)
	if !slices.Contains(r.Issuer.AuthMethods(), method) || method == oauth.AuthTLSClient && store.Authorities == "" {
		return invalid("token_endpoint_auth_method is not served by this issuer").By("SP2-6")
	}
	return nil
}

// ownCertificateName keeps the name of a certificate for the one method that it
// has a meaning for; the answer says so (RFC 7591 §3.2.1).
func ownCertificateName(r *registration) error {
	if r.metadata.TokenEndpointAuthMethod != oauth.AuthTLSClient {
		r.metadata = r.metadata.WithoutCertificateNames()
	}
	return nil
}
