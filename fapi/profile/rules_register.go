package profile

import (
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

func invalidMetadata(description string) *oauth.Error {
	return oauth.New(oauth.CodeInvalidClientMetadata, description)
}

// registerRules refuse a client that could never pass the other stages.
var registerRules = []Rule{
	{
		ID: "SP2-6", Stage: Register, Source: "§5.3.2.1-3, §5.3.2.1-6",
		Text:  "the client is confidential and proves itself by a method of the profile",
		Holds: func(f Facts) bool { return slices.Contains(f.Profile.AuthMethods, f.Metadata.TokenEndpointAuthMethod) },
		Fail:  invalidMetadata("token_endpoint_auth_method is not allowed by the profile"),
	},
	{
		ID: "PKJ-2", Stage: Register, Source: "RFC 7591 §2",
		Text: "a client that signs assertions registers its public keys",
		Holds: func(f Facts) bool {
			return f.Metadata.TokenEndpointAuthMethod != oauth.AuthPrivateKeyJWT || publishesKeys(f)
		},
		Fail: invalidMetadata("private_key_jwt needs jwks or jwks_uri"),
	},
	{
		ID: "MTLS-1", Stage: Register, Source: "RFC 8705 §2.2.2",
		Text: "a client with self-signed certificates registers them among its keys",
		Holds: func(f Facts) bool {
			return f.Metadata.TokenEndpointAuthMethod != oauth.AuthSelfSignedTLSClient || publishesKeys(f)
		},
		Fail: invalidMetadata("self_signed_tls_client_auth needs jwks or jwks_uri"),
	},
	{
		ID: "MTLS-1", Stage: Register, Source: "RFC 8705 §2.1.2",
		Text: "a client of tls_client_auth names its certificate once, and no client more than once",
		Holds: func(f Facts) bool {
			given := len(f.Metadata.CertificateNames())
			return given == 1 || given == 0 && f.Metadata.TokenEndpointAuthMethod != oauth.AuthTLSClient
		},
		Fail: invalidMetadata("tls_client_auth needs exactly one of tls_client_auth_subject_dn, tls_client_auth_san_dns, tls_client_auth_san_uri, tls_client_auth_san_ip and tls_client_auth_san_email"),
	},
	{
		ID: "MTLS-1", Stage: Register, Source: "RFC 8705 §2.1.2, RFC 4514",
		Text:  "the name of a certificate is well-formed",
		Holds: certificateNamesValid,
		Fail:  invalidMetadata("the tls_client_auth_ member is not a name of its kind, or its attributes are not written as this ecosystem has them"),
	},
	{
		ID: "SP2-2", Stage: Register, Source: "§5.3.2.1-2, RFC 7591 §2",
		Text:  "every grant type is one that is served",
		Holds: func(f Facts) bool { return oauth.Subset(f.Metadata.GrantTypes, f.Profile.GrantTypes) },
		Fail:  invalidMetadata("grant_types holds one that is not served"),
	},
	{
		ID: "SP2-21", Stage: Register, Source: "§5.3.2.2-1",
		Text:  "every response type is one that is served",
		Holds: func(f Facts) bool { return oauth.Subset(f.Metadata.ResponseTypes, f.Profile.ResponseTypes) },
		Fail:  invalidMetadata("response_types holds one that is not served"),
	},
	{
		ID: "DCR-2", Stage: Register, Source: "RFC 7591 §2.1",
		Text: "response type code and grant type authorization_code come together",
		Holds: func(f Facts) bool {
			return slices.Contains(f.Metadata.ResponseTypes, oauth.ResponseTypeCode) ==
				slices.Contains(f.Metadata.GrantTypes, oauth.GrantAuthorizationCode)
		},
		Fail: invalidMetadata("response_types and grant_types do not fit together"),
	},
	{
		ID: "DCR-2", Stage: Register, Source: "RFC 7591 §2, RFC 6749 §3.1.2.2",
		Text: "a client of the code grant registers at least one redirect URI",
		Holds: func(f Facts) bool {
			return len(f.Metadata.RedirectURIs) > 0 || !slices.Contains(f.Metadata.GrantTypes, oauth.GrantAuthorizationCode)
		},
		Fail: oauth.New(oauth.CodeInvalidRedirectURI, "redirect_uris is required"),
	},
	{
		ID: "SP2-28", Stage: Register, Source: "§5.3.2.2-8, RFC 8252 §7.3",
		Text:  "redirect URIs are https, or http on a loopback address of a native application",
		Holds: redirectURIsValid,
		Fail:  oauth.New(oauth.CodeInvalidRedirectURI, "redirect_uris must be absolute https URIs without fragment, userinfo or wildcard"),
	},
	{
		ID: "CRY-1", Stage: Register, Source: "§5.4.1-1",
		Text:  "every signing algorithm is PS256, ES256 or EdDSA",
		Holds: algorithmsAllowed,
		Fail:  invalidMetadata("a signing algorithm is not allowed by the profile"),
	},
	{
		ID: "DCR-2", Stage: Register, Source: "RFC 7591 §2",
		Text:  "scope is well-formed and served by the issuer",
		Holds: registeredScopeServed,
		Fail:  invalidMetadata("scope is malformed or not served by this issuer"),
	},
	{
		ID: "SP2-5", Stage: Register, Source: "§5.3.2.1-5",
		Text: "tokens of a FAPI-compliant client are bound to it",
		Holds: func(f Facts) bool {
			return !f.Metadata.FAPICompliant || f.Metadata.CertificateBoundTokens || f.Metadata.DPoPBoundTokens
		},
		Fail: invalidMetadata("fapi_compliant needs tls_client_certificate_bound_access_tokens or dpop_bound_access_tokens"),
	},
	{
		ID: "SP2-22", Stage: Register, Source: "§5.3.2.2-2, RFC 9126 §6",
		Text:  "a FAPI-compliant client pushes its requests",
		Holds: func(f Facts) bool { return !f.Metadata.FAPICompliant || f.Metadata.RequirePAR },
		Fail:  invalidMetadata("fapi_compliant needs require_pushed_authorization_requests"),
	},
	{
		ID: "SP2-25", Stage: Register, Source: "§5.3.2.2-5",
		Text:  "requests of a FAPI-compliant client have a PKCE challenge",
		Holds: func(f Facts) bool { return !f.Metadata.FAPICompliant || f.Metadata.RequirePKCE },
		Fail:  invalidMetadata("fapi_compliant needs require_pkce"),
	},
}

// publishesKeys tells whether the client registers keys, by value or by
// reference.
func publishesKeys(f Facts) bool { return len(f.Metadata.JWKS) > 0 || f.Metadata.JWKSURI != "" }

func certificateNamesValid(f Facts) bool {
	for member, name := range f.Metadata.CertificateNames() {
		if _, err := f.Subjects.Parse(names.Kind(member), name); err != nil {
			return false
		}
	}
	return true
}

func redirectURIsValid(f Facts) bool {
	native := f.Metadata.ApplicationType == oauth.ApplicationNative
	return !slices.ContainsFunc(f.Metadata.RedirectURIs, func(uri string) bool { return !oauth.ValidRedirectURI(uri, native) })
}

func algorithmsAllowed(f Facts) bool {
	for _, name := range f.Metadata.Algorithms() {
		algorithm, err := jose.ParseAlgorithm(name)
		if err != nil || !slices.Contains(f.Profile.SigningAlgorithms, algorithm) {
			return false
		}
	}
	return true
}

func registeredScopeServed(f Facts) bool {
	if f.Metadata.Scope == "" {
		return true
	}
	scopes, ok := oauth.ParseScope(f.Metadata.Scope)
	return ok && oauth.Subset(scopes, f.Scopes)
}
