package gateway

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// cacheable is the Cache-Control of what is public and seldom changes: keys
// overlap for longer when they rotate (CRY-8).
var cacheable = fmt.Sprintf("public, max-age=%d", int(metadata.JWKSMaxAge.Seconds()))

// discovery answers the issuer's metadata, the same document at every
// well-known path (DISC-1: RFC 8414 §3.1, OpenID Connect Discovery §4).
func (g *Gateway) discovery(w http.ResponseWriter, r *request) error {
	w.Header().Set("Cache-Control", cacheable)
	writeRaw(w, http.StatusOK, g.documents[r.issuer.Name])
	return nil
}

// discoveryDocuments computes every issuer's document once.
func discoveryDocuments(set *issuer.Set) (map[string][]byte, error) {
	documents := map[string][]byte{}
	for _, i := range set.All() {
		text, err := json.Marshal(serverMetadata(i))
		if err != nil {
			return nil, err
		}
		documents[i.Name] = text
	}
	return documents, nil
}

// serverMetadata is computed from the issuer and its profile, so that it cannot
// promise what is not served.
func serverMetadata(i *issuer.Issuer) metadata.Server {
	rules := i.Rules()
	m := metadata.Server{
		Issuer:                                     i.Identifier,
		AuthorizationEndpoint:                      i.URL(issuer.Authorization),
		PushedAuthorizationRequestEndpoint:         i.URL(issuer.PAR),
		RequirePushedAuthorizationRequests:         true,
		TokenEndpoint:                              i.URL(issuer.Token),
		IntrospectionEndpoint:                      i.URL(issuer.Introspection),
		RevocationEndpoint:                         i.URL(issuer.Revocation),
		UserinfoEndpoint:                           i.URL(issuer.Userinfo),
		RegistrationEndpoint:                       i.URL(issuer.Registration),
		JWKSURI:                                    i.URL(issuer.JWKS),
		ScopesSupported:                            i.ScopeNames(),
		ResponseTypesSupported:                     rules.ResponseTypes,
		ResponseModesSupported:                     rules.ResponseModes,
		GrantTypesSupported:                        rules.GrantTypes,
		ACRValuesSupported:                         i.ACRValues,
		SubjectTypesSupported:                      []string{"public"},
		PromptValuesSupported:                      rules.Prompts,
		ClaimsParameterSupported:                   true,
		ClaimsSupported:                            []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr"},
		CodeChallengeMethodsSupported:              []string{oauth.CodeChallengeMethodS256},
		TokenEndpointAuthMethodsSupported:          i.AuthMethods(),
		TokenEndpointAuthSigningAlgValuesSupported: algorithmNames(rules.SigningAlgorithms),
		IntrospectionEndpointAuthMethodsSupported:  i.AuthMethods(),
		IntrospectionEndpointAuthAlgValues:         algorithmNames(rules.SigningAlgorithms),
		RevocationEndpointAuthMethodsSupported:     i.AuthMethods(),
		RevocationEndpointAuthAlgValues:            algorithmNames(rules.SigningAlgorithms),
		IDTokenSigningAlgValuesSupported:           algorithmNames(i.IDTokenAlgorithms),
		DPoPSigningAlgValuesSupported:              algorithmNames(rules.SigningAlgorithms),
		TLSClientCertificateBoundAccessTokens:      true,
		AuthorizationResponseIssParameterSupported: true,
	}
	// Only endpoints that a client calls itself have an alias (MTLS-2:
	// RFC 8705 §5); a browser's never does.
	m.MTLSEndpointAliases = map[string]string{
		"pushed_authorization_request_endpoint": i.MTLSURL(issuer.PAR),
		"token_endpoint":                        i.MTLSURL(issuer.Token),
		"introspection_endpoint":                i.MTLSURL(issuer.Introspection),
		"revocation_endpoint":                   i.MTLSURL(issuer.Revocation),
		"userinfo_endpoint":                     i.MTLSURL(issuer.Userinfo),
		"registration_endpoint":                 i.MTLSURL(issuer.Registration),
	}
	return m
}

func algorithmNames(algorithms []jose.Algorithm) []string {
	names := make([]string, len(algorithms))
	for n, a := range algorithms {
		names[n] = string(a)
	}
	return names
}
