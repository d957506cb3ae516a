package profile

import (
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

var registerVectors = map[string][]vector{
	"SP2-5: tokens of a FAPI-compliant client are bound to it": {
		{"bound by certificate", passes, compliant(func(*metadata.Client) {})},
		{"bound by DPoP", passes, compliant(func(m *metadata.Client) { m.CertificateBoundTokens, m.DPoPBoundTokens = false, true })},
		{"not bound, and not asked to be compliant", passes, nil},
		{"not bound", oauth.CodeInvalidClientMetadata, compliant(func(m *metadata.Client) { m.CertificateBoundTokens = false })},
	},
	"SP2-22: a FAPI-compliant client pushes its requests": {
		{"pushed", passes, compliant(func(*metadata.Client) {})},
		{"not asked to be compliant", passes, nil},
		{"not pushed", oauth.CodeInvalidClientMetadata, compliant(func(m *metadata.Client) { m.RequirePAR = false })},
	},
	"SP2-25: requests of a FAPI-compliant client have a PKCE challenge": {
		{"with a challenge", passes, compliant(func(*metadata.Client) {})},
		{"not asked to be compliant", passes, nil},
		{"without a challenge", oauth.CodeInvalidClientMetadata, compliant(func(m *metadata.Client) { m.RequirePKCE = false })},
	},
	"SP2-6: the client is confidential and proves itself by a method of the profile": {
		{"private_key_jwt", passes, nil},
		{"self_signed_tls_client_auth", passes, authMethod(oauth.AuthSelfSignedTLSClient)},
		{"none", oauth.CodeInvalidClientMetadata, authMethod("none")},
		{"no method", oauth.CodeInvalidClientMetadata, authMethod("")},
		{"client_secret_basic", oauth.CodeInvalidClientMetadata, authMethod("client_secret_basic")},
		{"client_secret_post", oauth.CodeInvalidClientMetadata, authMethod("client_secret_post")},
		{"client_secret_jwt", oauth.CodeInvalidClientMetadata, authMethod("client_secret_jwt")},
		{"by another case", oauth.CodeInvalidClientMetadata, authMethod("Private_Key_JWT")},
	},
	"PKJ-2: a client that signs assertions registers its public keys": {
		{"keys", passes, nil},
		{"keys by reference", passes, keysByReference},
		{"no keys", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) { m.JWKS = nil })},
	},
	"MTLS-1: a client with self-signed certificates registers them among its keys": {
		{"by value", passes, authMethod(oauth.AuthSelfSignedTLSClient)},
		{"by reference", passes, both(authMethod(oauth.AuthSelfSignedTLSClient), keysByReference)},
		{"not at all", oauth.CodeInvalidClientMetadata, both(authMethod(oauth.AuthSelfSignedTLSClient), inMetadata(func(m *metadata.Client) { m.JWKS = nil }))},
	},
	"MTLS-1: a client of tls_client_auth names its certificate once, and no client more than once": {
		{"no name of another method", passes, nil},
		{"one name", passes, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANDNS = "bank.example" })},
		{"one name, without keys", passes, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANIP, m.JWKS = "192.0.2.1", nil })},
		{"none (BAD-160)", oauth.CodeInvalidClientMetadata, tlsClient(func(*metadata.Client) {})},
		{"two (BAD-160)", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) {
			m.TLSClientAuthSANDNS, m.TLSClientAuthSubjectDN = "bank.example", "CN=bank"
		})},
		{"two of another method (BAD-160)", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) {
			m.TLSClientAuthSANURI, m.TLSClientAuthSANEmail = "urn:bank", "ops@bank.example"
		})},
	},
	"MTLS-1: the name of a certificate is well-formed": {
		{"subject", passes, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSubjectDN = `CN=a\,b,2.5.4.97=#0c0161,C=BR` })},
		{"uri", passes, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANURI = "urn:bank:1" })},
		{"email", passes, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANEmail = "ops@bank.example" })},
		{"subject of an unknown attribute (BAD-160)", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSubjectDN = "foo=a" })},
		{"subject of slashes", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSubjectDN = "/CN=a" })},
		{"subject as another ecosystem writes it (BAD-160)", oauth.CodeInvalidClientMetadata, both(tlsClient(func(m *metadata.Client) { m.TLSClientAuthSubjectDN = "organizationIdentifier=OFBBR-1" }),
			func(f *Facts) { f.Subjects = names.Policy{ShortNames: []string{"cn"}} })},
		{"host with a wildcard (BAD-33)", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANDNS = "*.bank.example" })},
		{"relative uri", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANURI = "/a" })},
		{"network instead of an address", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANIP = "192.0.2.0/24" })},
		{"email without a host", oauth.CodeInvalidClientMetadata, tlsClient(func(m *metadata.Client) { m.TLSClientAuthSANEmail = "ops" })},
	},
	"SP2-2: every grant type is one that is served": {
		{"authorization_code and client_credentials", passes, grantTypes("authorization_code", "client_credentials")},
		{"password", oauth.CodeInvalidClientMetadata, grantTypes("authorization_code", "password")},
		{"implicit", oauth.CodeInvalidClientMetadata, grantTypes("authorization_code", "implicit")},
	},
	"SP2-21: every response type is one that is served": {
		{"code", passes, nil},
		{"token", oauth.CodeInvalidClientMetadata, responseTypes("code", "token")},
		{"code id_token", oauth.CodeInvalidClientMetadata, responseTypes("code id_token")},
		{"none", oauth.CodeInvalidClientMetadata, responseTypes("none")},
	},
	"DCR-2: response type code and grant type authorization_code come together": {
		{"both", passes, nil},
		{"neither", passes, both(grantTypes("client_credentials"), responseTypes())},
		{"only the response type", oauth.CodeInvalidClientMetadata, grantTypes("client_credentials")},
		{"only the grant type", oauth.CodeInvalidClientMetadata, responseTypes()},
	},
	"DCR-2: a client of the code grant registers at least one redirect URI": {
		{"one", passes, nil},
		{"none without the code grant", passes, both(grantTypes("client_credentials"), responseTypes(), redirectURIs())},
		{"none", oauth.CodeInvalidRedirectURI, redirectURIs()},
	},
	"SP2-28: redirect URIs are https, or http on a loopback address of a native application": {
		{"https", passes, redirectURIs("https://good.example/cb", "https://good.example/cb2?a=1")},
		{"loopback of a native application (BAD-81)", passes, both(native, redirectURIs("http://127.0.0.1:49152/cb"))},
		{"loopback of a web application", oauth.CodeInvalidRedirectURI, redirectURIs("http://127.0.0.1:49152/cb")},
		{"localhost by name (BAD-81)", oauth.CodeInvalidRedirectURI, both(native, redirectURIs("http://localhost/cb"))},
		{"http (BAD-80)", oauth.CodeInvalidRedirectURI, redirectURIs("http://good.example/cb")},
		{"a scheme of the application's own (BAD-80)", oauth.CodeInvalidRedirectURI, both(native, redirectURIs("custom:/cb"))},
		{"userinfo (BAD-79)", oauth.CodeInvalidRedirectURI, redirectURIs("https://good.example@evil.example/cb")},
		{"a fragment (BAD-78)", oauth.CodeInvalidRedirectURI, redirectURIs("https://good.example/cb#frag")},
		{"a wildcard", oauth.CodeInvalidRedirectURI, redirectURIs("https://good.example/*")},
		{"a bad one behind a good one", oauth.CodeInvalidRedirectURI, redirectURIs("https://good.example/cb", "data:,x")},
	},
	"CRY-1: every signing algorithm is PS256, ES256 or EdDSA": {
		{"none named", passes, nil},
		{"each of the three", passes, inMetadata(func(m *metadata.Client) {
			m.TokenEndpointAuthAlg, m.IDTokenSignedAlg, m.RequestObjectSigningAlg = "PS256", "ES256", "EdDSA"
		})},
		{"RS256 for id_tokens", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) { m.IDTokenSignedAlg = "RS256" })},
		{"none for assertions", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) { m.TokenEndpointAuthAlg = "none" })},
		{"HS256 for request objects", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) { m.RequestObjectSigningAlg = "HS256" })},
		{"ES512 for userinfo", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) { m.UserinfoSignedAlg = "ES512" })},
		{"by another case for JARM", oauth.CodeInvalidClientMetadata, inMetadata(func(m *metadata.Client) { m.AuthorizationSignedAlg = "es256" })},
	},
	"DCR-2: scope is well-formed and served by the issuer": {
		{"some", passes, nil},
		{"none", passes, scope("")},
		{"unknown", oauth.CodeInvalidClientMetadata, scope("openid admin")},
		{"two blanks", oauth.CodeInvalidClientMetadata, scope("openid  accounts")},
		{"quotes", oauth.CodeInvalidClientMetadata, scope(`"openid"`)},
	},
}

func native(f *Facts) { f.Metadata.ApplicationType = oauth.ApplicationNative }

func authMethod(method string) func(*Facts) {
	return inMetadata(func(m *metadata.Client) { m.TokenEndpointAuthMethod = method })
}

func keysByReference(f *Facts) {
	f.Metadata.JWKS, f.Metadata.JWKSURI = nil, "https://good.example/jwks"
}

func tlsClient(change func(*metadata.Client)) func(*Facts) {
	return both(authMethod(oauth.AuthTLSClient), inMetadata(change))
}

func grantTypes(values ...string) func(*Facts) {
	return inMetadata(func(m *metadata.Client) { m.GrantTypes = values })
}

func responseTypes(values ...string) func(*Facts) {
	return inMetadata(func(m *metadata.Client) { m.ResponseTypes = values })
}

func redirectURIs(values ...string) func(*Facts) {
	return inMetadata(func(m *metadata.Client) { m.RedirectURIs = values })
}

func scope(value string) func(*Facts) {
	return inMetadata(func(m *metadata.Client) { m.Scope = value })
}

// compliant is a client by the one switch, but for a change.
func compliant(change func(*metadata.Client)) func(*Facts) {
	return inMetadata(func(m *metadata.Client) {
		m.FAPICompliant, m.RequirePAR, m.RequirePKCE, m.CertificateBoundTokens = true, true, true, true
		change(m)
	})
}
