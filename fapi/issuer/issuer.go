// Package issuer is the configuration of issuers: one file each, the same for
// every process of the suite.
package issuer

import (
	"slices"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
)

// Issuer is one authorization server identity. State of one issuer does not
// exist at another.
type Issuer struct {
	// Name is the path segment of every public route, lower-case letters,
	// digits and dashes. It is the last segment of Identifier.
	Name string `yaml:"name"`
	// Identifier is the issuer identifier of RFC 8414: an https URL without
	// query or fragment, compared byte for byte.
	Identifier string `yaml:"issuer"`
	// MTLSBase is where the same endpoints ask for a client certificate: what
	// mtls_endpoint_aliases begin with.
	MTLSBase string `yaml:"mtls_base"`
	// Profile is the name of the profile that this issuer follows.
	Profile string `yaml:"profile"`
	// InteractionURL is the page of the bank's app that a browser is sent to,
	// with the parameters issuer and ticket.
	InteractionURL string `yaml:"interaction_url"`
	// Resource is the audience of access tokens: the protected API as an
	// absolute URI (RFC 9068 §3).
	Resource string `yaml:"resource"`
	// Scopes that can be asked for.
	Scopes []Scope `yaml:"scopes"`
	// ACRValues that the bank's app can reach; published, best first.
	ACRValues []string `yaml:"acr_values"`
	// ClientCertificates says whose client certificates are trusted for
	// tls_client_auth (RFC 8705 §2.1). Only clientreg reads the files, at its
	// start. Default nobody's: the method is not served.
	ClientCertificates trust.Store `yaml:"client_certificates"`
	// ClientHosts are the only hosts, host or host:port, at which clients may publish
	// what they name in their metadata (jwks_uri, sector_identifier_uri): those of an
	// ecosystem's directory. Default: any on the internet. What is elsewhere must be
	// in fetch.allow of clientreg besides.
	ClientHosts []string `yaml:"client_hosts"`
	// AccessTokenAlgorithm signs access tokens. Default ES256.
	AccessTokenAlgorithm jose.Algorithm `yaml:"access_token_alg"`
	// IDTokenAlgorithms are those that a client may choose for its id_tokens,
	// the first being the default. Default ES256 and PS256.
	IDTokenAlgorithms []jose.Algorithm `yaml:"id_token_algs"`
	// JARMAlgorithms have keys for authorization responses as JWTs (JARM).
	// Default none: the keys service signs no such response.
	JARMAlgorithms []jose.Algorithm `yaml:"jarm_algs"`
	// UserinfoAlgorithms have keys for userinfo responses as JWTs (OpenID Connect
	// Core §5.3.2). Default none.
	UserinfoAlgorithms []jose.Algorithm `yaml:"userinfo_algs"`
	// IntrospectionAlgorithms have keys for introspection responses as JWTs
	// (RFC 9701). Default none.
	IntrospectionAlgorithms []jose.Algorithm `yaml:"introspection_algs"`
	// RequestObjectEncryptionAlgorithms have keys that decrypt request objects
	// (RFC 9101 §6.1), each published with use enc: RSA-OAEP, RSA-OAEP-256,
	// ECDH-ES, ECDH-ES+A128KW, ECDH-ES+A256KW. Default none.
	RequestObjectEncryptionAlgorithms []jose.Algorithm `yaml:"request_object_encryption_algs"`
	// AccessTokenFormat is jwt (RFC 9068) or opaque. Default jwt.
	AccessTokenFormat TokenFormat `yaml:"access_token_format"`
	// DPoPNonces demands a nonce of this server in every DPoP proof (RFC 9449
	// §8). Default false.
	DPoPNonces bool      `yaml:"dpop_nonces"`
	Lifetimes  Lifetimes `yaml:"lifetimes"`
	// Registration is who may register clients.
	Registration RegistrationPolicy `yaml:"registration"`
	// FAPICompliant makes every new client what the profile wants without being
	// asked: tokens are bound, requests are pushed and have a PKCE challenge. A
	// client may ask for the same by the member fapi_compliant. Default false.
	FAPICompliant bool `yaml:"fapi_compliant"`
	// TrustFrameworks are those whose software statements vouch for clients (RFC
	// 7591 §2.3). Default none.
	TrustFrameworks []framework.Framework `yaml:"trust_frameworks"`

	profile *profile.Profile
}

// Scope is one scope value.
type Scope struct {
	// Name is the value itself, as a client writes it in scope.
	Name string `yaml:"name"`
	// Description tells a user what the scope permits.
	Description string `yaml:"description"`
}

// TokenFormat is what an access token looks like.
type TokenFormat string

// The formats.
const (
	FormatJWT    TokenFormat = "jwt"
	FormatOpaque TokenFormat = "opaque"
)

// Lifetimes are how long things live. The profile caps them.
type Lifetimes struct {
	// RequestURI is how long a pushed request can begin a flow. Default 60s.
	RequestURI time.Duration `yaml:"request_uri"`
	// Session is how long a user may take. Default 10m.
	Session time.Duration `yaml:"session"`
	// Code is how long an authorization code can be redeemed. Default 60s.
	Code time.Duration `yaml:"code"`
	// AccessToken. Default 5m.
	AccessToken time.Duration `yaml:"access_token"`
	// RefreshToken. It is not rotated. Default 2160h, 90 days.
	RefreshToken time.Duration `yaml:"refresh_token"`
	// IDToken. Default 5m.
	IDToken time.Duration `yaml:"id_token"`
}

// Rules is the profile that the issuer follows.
func (i *Issuer) Rules() *profile.Profile { return i.profile }

// AuthMethods are the client authentication methods that are served: those of the
// profile, without tls_client_auth where nobody's certificates are trusted.
func (i *Issuer) AuthMethods() []string {
	served := slices.Clone(i.profile.AuthMethods)
	return slices.DeleteFunc(served, func(method string) bool {
		return method == oauth.AuthTLSClient && !i.trustsCertificates()
	})
}

// ScopeNames are the names of the scopes that can be asked for.
func (i *Issuer) ScopeNames() []string {
	names := make([]string, len(i.Scopes))
	for n, s := range i.Scopes {
		names[n] = s.Name
	}
	return names
}

// Facts begins the facts of a check with what the issuer knows.
func (i *Issuer) Facts() profile.Facts {
	return profile.Facts{Scopes: i.ScopeNames(), Subjects: i.ClientCertificates.Subjects()}
}

// Endpoint is a public endpoint, relative to the issuer identifier.
type Endpoint string

// The public endpoints.
const (
	Authorization Endpoint = "/authorize"
	// Return is where the bank's app sends the browser back to.
	Return        Endpoint = "/authorize/return"
	PAR           Endpoint = "/par"
	Token         Endpoint = "/token"
	Introspection Endpoint = "/introspect"
	Revocation    Endpoint = "/revoke"
	Userinfo      Endpoint = "/userinfo"
	Registration  Endpoint = "/register"
	JWKS          Endpoint = "/jwks"
)

// URL is the configured address of an endpoint on the public listener.
func (i *Issuer) URL(e Endpoint) string { return i.Identifier + string(e) }

// MTLSURL is the configured address of an endpoint on the mutual-TLS listener.
func (i *Issuer) MTLSURL(e Endpoint) string { return i.MTLSBase + string(e) }
