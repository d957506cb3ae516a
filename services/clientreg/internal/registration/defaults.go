package registration

import (
	"slices"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// resourceServer tells the two kinds of client apart. A resource server has a
// resource, obtains no tokens and never meets a browser.
func resourceServer(r *registration) error {
	m := &r.metadata
	if !r.ResourceServers {
		m.Resource = ""
	}
	switch {
	case m.Resource == "":
		return nil
	case !absoluteHTTPS(m.Resource) || strings.Contains(m.Resource, "#"):
		return invalid("resource must be an absolute https URI without fragment") // RFC 8707 §2
	case len(m.GrantTypes)+len(m.ResponseTypes)+len(m.RedirectURIs) > 0:
		return invalid("a resource server has no grant_types, response_types or redirect_uris")
	}
	return nil
}

// defaults fills in what RFC 7591 §2 and OpenID Connect Registration §2 leave to
// the server. The default method there is client_secret_basic, which no FAPI
// client may use (SP2-3); ours is the one without certificates.
func defaults(r *registration) error {
	m := &r.metadata
	fill(&m.TokenEndpointAuthMethod, oauth.AuthPrivateKeyJWT)
	if m.Resource != "" {
		return nil
	}
	if len(m.GrantTypes) == 0 {
		m.GrantTypes = []string{oauth.GrantAuthorizationCode}
	}
	if len(m.ResponseTypes) == 0 && slices.Contains(m.GrantTypes, oauth.GrantAuthorizationCode) {
		m.ResponseTypes = []string{oauth.ResponseTypeCode}
	}
	fill(&m.ApplicationType, oauth.ApplicationWeb)
	fill(&m.IDTokenSignedAlg, string(r.Issuer.IDTokenAlgorithms[0]))
	fill(&m.Scope, strings.Join(r.Issuer.ScopeNames(), " "))
	return nil
}

func fill(member *string, fallback string) {
	if *member == "" {
		*member = fallback
	}
}

// subjectPublic is the one subject_type that is served, OpenID Connect Core §8.
const subjectPublic = "public"

// servedTypes refuses by name what is not served, rather than to ignore it; so do
// the others of its kind.
func servedTypes(r *registration) error {
	switch r.metadata.ApplicationType {
	case "", oauth.ApplicationWeb, oauth.ApplicationNative:
		return nil
	}
	return invalid("application_type must be web or native")
}

func servedSubjects(r *registration) error {
	if r.metadata.SubjectType != "" && r.metadata.SubjectType != subjectPublic {
		return invalid("subject_type must be public")
	}
	return nil
}

func servedUserinfo(r *registration) error {
	if r.metadata.UserinfoSignedAlg != "" {
		return invalid("userinfo_signed_response_alg is not served: userinfo is answered as JSON") // OIDC-4
	}
	return nil
}

func servedAlgorithms(r *registration) error {
	m := &r.metadata
	m.TokenEndpointAuthAlg = canonical(m.TokenEndpointAuthAlg)
	m.IDTokenSignedAlg = canonical(m.IDTokenSignedAlg)
	if m.IDTokenSignedAlg != "" && !slices.Contains(r.Issuer.IDTokenAlgorithms, jose.Algorithm(m.IDTokenSignedAlg)) {
		return invalid("id_token_signed_response_alg is not one of this issuer's").By("CRY-1")
	}
	return nil
}

// canonical is an algorithm as we write it in alg: RFC 9864's Ed25519 is EdDSA.
// What is unknown stays, for the profile to refuse.
func canonical(name string) string {
	if algorithm, err := jose.ParseAlgorithm(name); err == nil {
		return string(algorithm)
	}
	return name
}
