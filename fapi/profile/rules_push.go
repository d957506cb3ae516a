package profile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/claims"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// pushRules judge an authorization request when it is pushed, and for good: what
// is kept has passed them. What asks for something that is not served is
// refused by name, never ignored.
var pushRules = []Rule{
	{
		ID: "PAR-2", Stage: Push, Source: "RFC 9126 §2.1",
		Text:  "a pushed request holds no request_uri",
		Holds: absent(oauth.ParamRequestURI),
		Fail:  oauth.InvalidRequest("request_uri cannot be pushed"),
	},
	{
		ID: "JAR-4", Stage: Push, Source: "RFC 9101 §7, OpenID Connect Core §3.1.2.6",
		Text:  "request objects are refused where they are not served",
		Holds: absent(oauth.ParamRequest),
		Fail:  oauth.New(oauth.CodeRequestNotSupported, "request objects are not served by this issuer"),
	},
	{
		ID: "SP2-21", Stage: Push, Source: "§5.3.2.2-1, RFC 6749 §3.1.1",
		Text:  "response_type is present",
		Holds: present(oauth.ParamResponseType),
		Fail:  oauth.InvalidRequest("response_type is required"),
	},
	{
		ID: "SP2-21", Stage: Push, Source: "§5.3.2.2-1",
		Text:  "response_type is exactly code",
		Holds: func(f Facts) bool { return slices.Contains(f.Profile.ResponseTypes, f.Params[oauth.ParamResponseType]) },
		Fail:  oauth.New(oauth.CodeUnsupportedResponseType, "response_type must be code"),
	},
	{
		ID: "SP2-26", Stage: Push, Source: "§5.3.2.2-6",
		Text:  "redirect_uri is present, even where one is registered",
		Holds: present(oauth.ParamRedirectURI),
		Fail:  oauth.InvalidRequest("redirect_uri is required"),
	},
	{
		ID: "BCP-1", Stage: Push, Source: "RFC 9700 §2.1, §4.1.3",
		Text: "redirect_uri equals a registered one, character by character",
		Holds: func(f Facts) bool {
			return oauth.MatchRedirectURI(f.Params[oauth.ParamRedirectURI], f.Client.GetRedirectUris())
		},
		Fail: oauth.InvalidRequest("redirect_uri is not registered for this client"),
	},
	{
		ID: "PAR-1", Stage: Push, Source: "RFC 9126 §2.1, RFC 6749 §4.1.2.1",
		Text: "the client is registered for the authorization code grant",
		Holds: func(f Facts) bool {
			return slices.Contains(f.Client.GetGrantTypes(), oauth.GrantAuthorizationCode)
		},
		Fail: oauth.New(oauth.CodeUnauthorizedClient, "this client is not registered for authorization_code"),
	},
	{
		ID: "SP2-25", Stage: Push, Source: "§5.3.2.2-5, RFC 7636 §4.3",
		Text:  "code_challenge_method is S256; absent would mean plain",
		Holds: func(f Facts) bool { return f.Params[oauth.ParamCodeChallengeMethod] == oauth.CodeChallengeMethodS256 },
		Fail:  oauth.InvalidRequest("code_challenge_method must be S256"),
	},
	{
		ID: "SP2-25", Stage: Push, Source: "§5.3.2.2-5, RFC 7636 §4.2",
		Text:  "code_challenge is a base64url SHA-256",
		Holds: func(f Facts) bool { return oauth.ValidCodeChallenge(f.Params[oauth.ParamCodeChallenge]) },
		Fail:  oauth.InvalidRequest("code_challenge must be 43 characters of base64url"),
	},
	{
		ID: "AZ-1", Stage: Push, Source: "OAuth 2.0 Multiple Response Types §2.1",
		Text:  "response_mode is absent or one that is served",
		Holds: optional(oauth.ParamResponseMode, func(f Facts, mode string) bool { return slices.Contains(f.Profile.ResponseModes, mode) }),
		Fail:  oauth.InvalidRequest("response_mode is not served by this issuer"),
	},
	{
		ID: "RAR-1", Stage: Push, Source: "RFC 9396 §5",
		Text:  "authorization_details are refused where no type is served",
		Holds: absent(oauth.ParamAuthorizationDetails),
		Fail:  oauth.New(oauth.CodeInvalidAuthorizationDetails, "no authorization_details type is served by this issuer"),
	},
	{
		ID: "RES-1", Stage: Push, Source: "RFC 8707 §2",
		Text:  "resource is refused where it cannot be chosen",
		Holds: absent(oauth.ParamResource),
		Fail:  oauth.New(oauth.CodeInvalidTarget, "resource cannot be chosen at this issuer"),
	},
	{
		ID: "AZ-1", Stage: Push, Source: "RFC 6749 §3.3",
		Text:  "scope is well-formed, served by the issuer and registered for the client",
		Holds: scopeMayBeAsked,
		Fail:  oauth.InvalidScope("scope is missing, malformed or beyond what this client may ask for"),
	},
	{
		ID: "SP2-34", Stage: Push, Source: "§5.3.2.2-13",
		Text:  "nonce is at most as long as can be kept whole",
		Holds: func(f Facts) bool { return len(f.Params[oauth.ParamNonce]) <= f.Profile.Limits.NonceLength },
		Fail:  oauth.InvalidRequest("nonce is too long"),
	},
	{
		ID: "SP2-36", Stage: Push, Source: "§5.3.2.2 note 4",
		Text:  "state is at most as long as can be kept whole",
		Holds: func(f Facts) bool { return len(f.Params[oauth.ParamState]) <= f.Profile.Limits.StateLength },
		Fail:  oauth.InvalidRequest("state is too long"),
	},
	{
		ID: "OIDC-2", Stage: Push, Source: "OpenID Connect Core §3.1.2.1",
		Text:  "prompt holds served values, and none stands alone",
		Holds: optional("prompt", validPrompt),
		Fail:  oauth.InvalidRequest("prompt is not a set of none, login, consent, select_account with none alone"),
	},
	{
		ID: "SP2-36", Stage: Push, Source: "RFC 6749 Appendix A.5, OpenID Connect Core §3.1.2.1",
		Text: "state and nonce are printable ASCII, so that they come back as they were",
		Holds: func(f Facts) bool {
			return printable(f.Params[oauth.ParamState]) && printable(f.Params[oauth.ParamNonce])
		},
		Fail: oauth.InvalidRequest("state and nonce must be printable ASCII"),
	},
	{
		ID: "DPOP-8", Stage: Push, Source: "RFC 9449 §10",
		Text:  "dpop_jkt is a base64url SHA-256 thumbprint",
		Holds: optional(oauth.ParamDPoPKey, func(_ Facts, jkt string) bool { return oauth.ValidCodeChallenge(jkt) }),
		Fail:  oauth.InvalidRequest("dpop_jkt must be 43 characters of base64url"),
	},
	{
		ID: "DPOP-8", Stage: Push, Source: "RFC 9449 §10.1",
		Text:  "dpop_jkt and the proof that comes with the request name one key",
		Holds: optional(oauth.ParamDPoPKey, func(f Facts, jkt string) bool { return f.ProofKey == "" || f.ProofKey == jkt }),
		Fail:  oauth.New(oauth.CodeInvalidDPoPProof, "dpop_jkt is not the key of the DPoP proof"),
	},
	{
		ID: "OIDC-3", Stage: Push, Source: "OpenID Connect Core §5.5",
		Text:  "claims is a JSON object of the shape that asks for claims",
		Holds: optional("claims", validClaims),
		Fail:  oauth.InvalidRequest("claims must be a JSON object with id_token and userinfo, as OpenID Connect Core 5.5 has it"),
	},
	{
		ID: "OIDC-2", Stage: Push, Source: "OpenID Connect Core §3.1.2.1",
		Text:  "max_age is a number of seconds",
		Holds: optional("max_age", validSeconds),
		Fail:  oauth.InvalidRequest("max_age must be a number of seconds"),
	},
}

func absent(param string) func(Facts) bool {
	return func(f Facts) bool { return f.Params[param] == "" }
}

func present(param string) func(Facts) bool {
	return func(f Facts) bool { return f.Params[param] != "" }
}

// optional holds for an absent parameter, else as valid says.
func optional(param string, valid func(Facts, string) bool) func(Facts) bool {
	return func(f Facts) bool { return f.Params[param] == "" || valid(f, f.Params[param]) }
}

func scopeMayBeAsked(f Facts) bool {
	scopes, ok := oauth.ParseScope(f.Params[oauth.ParamScope])
	return ok && oauth.Subset(scopes, f.Scopes) && oauth.Subset(scopes, f.Client.GetScopes())
}

func validPrompt(f Facts, prompt string) bool {
	values := strings.Split(prompt, " ")
	return oauth.Subset(values, f.Profile.Prompts) && (len(values) == 1 || !slices.Contains(values, "none"))
}

// validClaims tells whether a claims parameter can be read. What it asks for
// beyond what is served is ignored, as the specification says; what has no
// meaning could be a condition and is not.
func validClaims(_ Facts, text string) bool {
	_, err := claims.Parse(text)
	return err == nil
}

func printable(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return true
}

// maxSeconds bounds max_age: a hundred years.
const maxSeconds = 100 * 365 * 24 * 3600

func validSeconds(_ Facts, text string) bool {
	seconds, err := strconv.ParseUint(text, 10, 64)
	return err == nil && seconds <= maxSeconds
}
