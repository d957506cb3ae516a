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
		ID: "SP2-4", Stage: Exchange, Source: "§5.3.2.1-4, §5.3.2.1-5, RFC 8705 §3",
		Text:  "the request brings a certificate to bind the token to",
		Holds: func(f Facts) bool { return f.Certificate },
		Fail:  oauth.InvalidRequest("a client certificate is required: use the mtls_endpoint_aliases"),
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
