package profile

import (
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// exchangeRules judge a token request of an authenticated client, before the
// grant itself is looked at.
var exchangeRules = []Rule{
	{
		ID: "TOK-1", Stage: Exchange, Source: "RFC 6749 §4.1.3",
		Text:  "grant_type is present",
		Holds: present(oauth.ParamGrantType),
		Fail:  oauth.InvalidRequest("grant_type is required"),
	},
	{
		ID: "SP2-2", Stage: Exchange, Source: "§5.3.2.1-2, RFC 6749 §5.2",
		Text:  "grant_type is one that is served; password never is",
		Holds: func(f Facts) bool { return slices.Contains(f.Profile.GrantTypes, f.Params[oauth.ParamGrantType]) },
		Fail:  oauth.New(oauth.CodeUnsupportedGrantType, "grant_type is not served by this issuer"),
	},
	{
		ID: "TOK-1", Stage: Exchange, Source: "RFC 6749 §5.2",
		Text:  "the client is registered for the grant type",
		Holds: func(f Facts) bool { return slices.Contains(f.Client.GetGrantTypes(), f.Params[oauth.ParamGrantType]) },
		Fail:  oauth.New(oauth.CodeUnauthorizedClient, "this client is not registered for this grant_type"),
	},
	{
		ID: "DPOP-10", Stage: Exchange, Source: "RFC 9449 §5.2",
		Text:  "a client registered for DPoP brings a proof",
		Holds: func(f Facts) bool { return f.Proof || !f.Client.GetDpopBoundAccessTokens() },
		Fail:  oauth.New(oauth.CodeInvalidDPoPProof, "this client is registered for DPoP: a proof is required"),
	},
	{
		ID: "MTLS-1", Stage: Exchange, Source: "RFC 8705 §3.4",
		Text:  "a client registered for certificate-bound tokens brings a certificate",
		Holds: func(f Facts) bool { return f.Certificate || !f.Client.GetTlsClientCertificateBoundAccessTokens() },
		Fail:  oauth.InvalidRequest("this client is registered for certificate-bound tokens: use the mtls_endpoint_aliases"),
	},
	{
		ID: "SP2-4", Stage: Exchange, Source: "§5.3.2.1-4, §5.3.2.1-5",
		Text:  "the request brings a certificate or a DPoP proof to bind the token to",
		Holds: func(f Facts) bool { return f.Certificate || f.Proof },
		Fail:  oauth.InvalidRequest("a client certificate or a DPoP proof is required: tokens are sender-constrained"),
	},
	{
		ID: "RES-1", Stage: Exchange, Source: "RFC 8707 §2",
		Text:  "resource is refused where it cannot be chosen",
		Holds: absent(oauth.ParamResource),
		Fail:  oauth.New(oauth.CodeInvalidTarget, "resource cannot be chosen at this issuer"),
	},
	{
		ID: "RAR-1", Stage: Exchange, Source: "RFC 9396 §5",
		Text:  "authorization_details are refused where no type is served",
		Holds: absent(oauth.ParamAuthorizationDetails),
		Fail:  oauth.New(oauth.CodeInvalidAuthorizationDetails, "no authorization_details type is served by this issuer"),
	},
}
