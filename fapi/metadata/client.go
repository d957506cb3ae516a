// Package metadata holds the two documents by which a client and an
// authorization server introduce themselves: client metadata (RFC 7591) and
// authorization server metadata (RFC 8414, OpenID Connect Discovery).
package metadata

// Client is RFC 7591 client metadata: what is understood of it. Unknown members
// are ignored and not returned.
type Client struct {
	RedirectURIs            []string `json:"redirect_uris,omitempty"`
	TokenEndpointAuthMethod string   `json:"token_endpoint_auth_method,omitempty"`
	TokenEndpointAuthAlg    string   `json:"token_endpoint_auth_signing_alg,omitempty"`
	GrantTypes              []string `json:"grant_types,omitempty"`
	ResponseTypes           []string `json:"response_types,omitempty"`
	ApplicationType         string   `json:"application_type,omitempty"`
	ClientName              string   `json:"client_name,omitempty"`
	ClientURI               string   `json:"client_uri,omitempty"`
	LogoURI                 string   `json:"logo_uri,omitempty"`
	Scope                   string   `json:"scope,omitempty"`
	Contacts                []string `json:"contacts,omitempty"`
	TOSURI                  string   `json:"tos_uri,omitempty"`
	PolicyURI               string   `json:"policy_uri,omitempty"`
	JWKSURI                 string   `json:"jwks_uri,omitempty"`
	JWKS                    Document `json:"jwks,omitempty"`
	SoftwareID              string   `json:"software_id,omitempty"`
	SoftwareVersion         string   `json:"software_version,omitempty"`
	// SoftwareStatement is returned as it came, RFC 7591 §3.2.1 (SSA-2).
	SoftwareStatement       string `json:"software_statement,omitempty"`
	SubjectType             string `json:"subject_type,omitempty"`
	SectorIdentifierURI     string `json:"sector_identifier_uri,omitempty"`
	IDTokenSignedAlg        string `json:"id_token_signed_response_alg,omitempty"`
	RequestObjectSigningAlg string `json:"request_object_signing_alg,omitempty"`
	UserinfoSignedAlg       string `json:"userinfo_signed_response_alg,omitempty"`
	AuthorizationSignedAlg  string `json:"authorization_signed_response_alg,omitempty"`

	// RFC 8705 §3.4, RFC 9449 §5.2, RFC 9126 §6 and FAPI 2.0 §5.2.2.1.
	CertificateBoundTokens bool `json:"tls_client_certificate_bound_access_tokens,omitempty"`
	DPoPBoundTokens        bool `json:"dpop_bound_access_tokens,omitempty"`
	RequirePAR             bool `json:"require_pushed_authorization_requests,omitempty"`
	UseMTLSAliases         bool `json:"use_mtls_endpoint_aliases,omitempty"`

	// FAPICompliant is ours: everything that the profile wants of a client follows
	// by itself, and the answer shows it. RequirePKCE is ours too: the client's
	// requests have a code_challenge (RFC 7636).
	FAPICompliant bool `json:"fapi_compliant,omitzero"`
	RequirePKCE   bool `json:"require_pkce,omitzero"`

	// RFC 8705 §2.1.2: the name in the certificate of a client of
	// tls_client_auth. Exactly one is set for such a client, none for others.
	TLSClientAuthSubjectDN string `json:"tls_client_auth_subject_dn,omitempty"`
	TLSClientAuthSANDNS    string `json:"tls_client_auth_san_dns,omitempty"`
	TLSClientAuthSANURI    string `json:"tls_client_auth_san_uri,omitempty"`
	TLSClientAuthSANIP     string `json:"tls_client_auth_san_ip,omitempty"`
	TLSClientAuthSANEmail  string `json:"tls_client_auth_san_email,omitempty"`

	// Resource is ours: the protected resource, an absolute https URI (RFC 8707
	// §2), that a client serves which is a resource server. Only a registration
	// that was let in as one may set it.
	Resource string `json:"resource,omitempty"`
}

// Algorithms are the signing algorithms that the client names, by member.
func (c Client) Algorithms() map[string]string {
	named := map[string]string{}
	for member, algorithm := range map[string]string{
		"token_endpoint_auth_signing_alg":   c.TokenEndpointAuthAlg,
		"id_token_signed_response_alg":      c.IDTokenSignedAlg,
		"request_object_signing_alg":        c.RequestObjectSigningAlg,
		"userinfo_signed_response_alg":      c.UserinfoSignedAlg,
		"authorization_signed_response_alg": c.AuthorizationSignedAlg,
	} {
		if algorithm != "" {
			named[member] = algorithm
		}
	}
	return named
}

// CertificateNames are the names of its certificate that the client gives, by
// member (RFC 8705 §2.1.2).
func (c Client) CertificateNames() map[string]string {
	given := map[string]string{}
	for member, name := range map[string]string{
		"tls_client_auth_subject_dn": c.TLSClientAuthSubjectDN,
		"tls_client_auth_san_dns":    c.TLSClientAuthSANDNS,
		"tls_client_auth_san_uri":    c.TLSClientAuthSANURI,
		"tls_client_auth_san_ip":     c.TLSClientAuthSANIP,
		"tls_client_auth_san_email":  c.TLSClientAuthSANEmail,
	} {
		if name != "" {
			given[member] = name
		}
	}
	return given
}

// WithoutCertificateNames is a copy that gives none.
func (c Client) WithoutCertificateNames() Client {
	c.TLSClientAuthSubjectDN, c.TLSClientAuthSANDNS, c.TLSClientAuthSANURI, c.TLSClientAuthSANIP, c.TLSClientAuthSANEmail = "", "", "", "", ""
	return c
}

// Information is RFC 7591 §3.2.1 client information: the effective metadata and
// what the server adds.
type Information struct {
	ClientID                string `json:"client_id"`
	ClientIDIssuedAt        int64  `json:"client_id_issued_at"`
	RegistrationAccessToken string `json:"registration_access_token"`
	RegistrationClientURI   string `json:"registration_client_uri"`
	Client
}
