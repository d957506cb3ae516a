package metadata

// Server is authorization server metadata. Members with an empty list are left
// out (RFC 8414 §3.2).
type Server struct {
	Issuer                                     string            `json:"issuer"`
	AuthorizationEndpoint                      string            `json:"authorization_endpoint"`
	PushedAuthorizationRequestEndpoint         string            `json:"pushed_authorization_request_endpoint"`
	RequirePushedAuthorizationRequests         bool              `json:"require_pushed_authorization_requests"`
	TokenEndpoint                              string            `json:"token_endpoint"`
	IntrospectionEndpoint                      string            `json:"introspection_endpoint,omitempty"`
	RevocationEndpoint                         string            `json:"revocation_endpoint,omitempty"`
	UserinfoEndpoint                           string            `json:"userinfo_endpoint,omitempty"`
	RegistrationEndpoint                       string            `json:"registration_endpoint,omitempty"`
	JWKSURI                                    string            `json:"jwks_uri"`
	ScopesSupported                            []string          `json:"scopes_supported,omitempty"`
	ResponseTypesSupported                     []string          `json:"response_types_supported"`
	ResponseModesSupported                     []string          `json:"response_modes_supported,omitempty"`
	GrantTypesSupported                        []string          `json:"grant_types_supported,omitempty"`
	ACRValuesSupported                         []string          `json:"acr_values_supported,omitempty"`
	SubjectTypesSupported                      []string          `json:"subject_types_supported,omitempty"`
	PromptValuesSupported                      []string          `json:"prompt_values_supported,omitempty"`
	ClaimsSupported                            []string          `json:"claims_supported,omitempty"`
	ClaimsParameterSupported                   bool              `json:"claims_parameter_supported"`
	RequestParameterSupported                  bool              `json:"request_parameter_supported"`
	RequestURIParameterSupported               bool              `json:"request_uri_parameter_supported"`
	CodeChallengeMethodsSupported              []string          `json:"code_challenge_methods_supported"`
	TokenEndpointAuthMethodsSupported          []string          `json:"token_endpoint_auth_methods_supported"`
	TokenEndpointAuthSigningAlgValuesSupported []string          `json:"token_endpoint_auth_signing_alg_values_supported,omitempty"`
	IntrospectionEndpointAuthMethodsSupported  []string          `json:"introspection_endpoint_auth_methods_supported,omitempty"`
	IntrospectionEndpointAuthAlgValues         []string          `json:"introspection_endpoint_auth_signing_alg_values_supported,omitempty"`
	RevocationEndpointAuthMethodsSupported     []string          `json:"revocation_endpoint_auth_methods_supported,omitempty"`
	RevocationEndpointAuthAlgValues            []string          `json:"revocation_endpoint_auth_signing_alg_values_supported,omitempty"`
	IDTokenSigningAlgValuesSupported           []string          `json:"id_token_signing_alg_values_supported,omitempty"`
	DPoPSigningAlgValuesSupported              []string          `json:"dpop_signing_alg_values_supported,omitempty"`
	TLSClientCertificateBoundAccessTokens      bool              `json:"tls_client_certificate_bound_access_tokens"`
	AuthorizationResponseIssParameterSupported bool              `json:"authorization_response_iss_parameter_supported"`
	MTLSEndpointAliases                        map[string]string `json:"mtls_endpoint_aliases,omitempty"`
}
