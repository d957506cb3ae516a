package profile

import (
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

const thumbprint = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"

var pushVectors = map[string][]vector{
	"PAR-2: a pushed request holds no request_uri": {
		{"none", passes, nil},
		{"one (BAD-43)", oauth.CodeInvalidRequest, with("request_uri", oauth.RequestURIPrefix+"abc")},
	},
	"JAR-4: request objects are refused where they are not served": {
		{"none", passes, nil},
		{"one", oauth.CodeRequestNotSupported, with("request", "e30.e30.AA")},
	},
	"SP2-21: response_type is present": {
		{"it is", passes, nil},
		{"it is missing (BAD-46)", oauth.CodeInvalidRequest, without("response_type")},
	},
	"SP2-21: response_type is exactly code": {
		{"code", passes, nil},
		{"code id_token (BAD-46)", oauth.CodeUnsupportedResponseType, with("response_type", "code id_token")},
		{"token (BAD-46)", oauth.CodeUnsupportedResponseType, with("response_type", "token")},
		{"code code (BAD-46)", oauth.CodeUnsupportedResponseType, with("response_type", "code code")},
		{"by another case", oauth.CodeUnsupportedResponseType, with("response_type", "Code")},
	},
	"SP2-26: redirect_uri is present, even where one is registered": {
		{"it is", passes, nil},
		{"it is missing (BAD-47)", oauth.CodeInvalidRequest, without("redirect_uri")},
	},
	"BCP-1: redirect_uri equals a registered one, character by character": {
		{"the same", passes, nil},
		{"another port of loopback (BAD-81)", passes, with("redirect_uri", "http://127.0.0.1:49152/native")},
		{"a host that begins alike (BAD-77)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example.evil.com/cb")},
		{"dot-dot (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb/../x")},
		{"an encoded dot-dot (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb%2f..")},
		{"a double slash (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example//cb")},
		{"upper case (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/CB")},
		{"a trailing slash (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb/")},
		{"an added query (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb?x")},
		{"an added fragment (BAD-78)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb#frag")},
		{"userinfo (BAD-79)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example@evil.com/cb")},
		{"a backslash (BAD-79)", oauth.CodeInvalidRequest, with("redirect_uri", `https://evil.com\@good.example`)},
		{"the default port (BAD-79)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example:443/cb")},
		{"a unicode dot (BAD-79)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good\u3002example/cb")},
		{"CR LF (BAD-79)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb\r\n")},
		{"NUL (BAD-79)", oauth.CodeInvalidRequest, with("redirect_uri", "https://good.example/cb\x00")},
		{"http (BAD-80)", oauth.CodeInvalidRequest, with("redirect_uri", "http://good.example/cb")},
		{"a scheme of the application's own (BAD-80)", oauth.CodeInvalidRequest, with("redirect_uri", "custom:/cb")},
		{"javascript (BAD-80)", oauth.CodeInvalidRequest, with("redirect_uri", "javascript:alert(1)")},
		{"localhost by name (BAD-81)", oauth.CodeInvalidRequest, with("redirect_uri", "http://localhost/native")},
	},
	"PAR-1: the client is registered for the authorization code grant": {
		{"it is", passes, nil},
		{"it acts for itself alone", oauth.CodeUnauthorizedClient, ofClient(func(c *registered) { c.grantTypes = []string{"client_credentials"} })},
	},
	"SP2-25: code_challenge_method is S256; absent would mean plain": {
		{"S256", passes, nil},
		{"no method (BAD-48)", oauth.CodeInvalidRequest, without("code_challenge_method")},
		{"plain (BAD-48)", oauth.CodeInvalidRequest, with("code_challenge_method", "plain")},
		{"by another case", oauth.CodeInvalidRequest, with("code_challenge_method", "s256")},
	},
	"SP2-25: code_challenge is a base64url SHA-256": {
		{"it is", passes, nil},
		{"none (BAD-48)", oauth.CodeInvalidRequest, without("code_challenge")},
		{"42 characters (BAD-48)", oauth.CodeInvalidRequest, with("code_challenge", long[:42])},
		{"padding (BAD-48)", oauth.CodeInvalidRequest, with("code_challenge", long[:42]+"=")},
		{"not base64url (BAD-48)", oauth.CodeInvalidRequest, with("code_challenge", long[:42]+"+")},
	},
	"AZ-1: response_mode is absent or one that is served": {
		{"absent", passes, nil},
		{"query", passes, with("response_mode", "query")},
		{"fragment", oauth.CodeInvalidRequest, with("response_mode", "fragment")},
		{"form_post", oauth.CodeInvalidRequest, with("response_mode", "form_post")},
		{"jwt, where it is not served", oauth.CodeInvalidRequest, with("response_mode", "jwt")},
	},
	"RAR-1: authorization_details are refused where no type is served": {
		{"none", passes, nil},
		{"some", oauth.CodeInvalidAuthorizationDetails, with("authorization_details", `[{"type":"payment"}]`)},
	},
	"RES-1: resource is refused where it cannot be chosen": {
		{"none", passes, nil},
		{"one", oauth.CodeInvalidTarget, with("resource", "https://api.bank.example/")},
	},
	"AZ-1: scope is well-formed, served by the issuer and registered for the client": {
		{"all that may be asked for", passes, nil},
		{"in another order (WIRE-8)", passes, with("scope", "accounts openid")},
		{"without openid", passes, with("scope", "accounts")},
		{"unknown (BAD-61)", oauth.CodeInvalidScope, with("scope", "openid admin")},
		{"registered for other clients alone", oauth.CodeInvalidScope, with("scope", "openid payments")},
		{"registered, but no longer served", oauth.CodeInvalidScope, both(with("scope", "old"), ofClient(func(c *registered) { c.scopes = []string{"old"} }))},
		{"none (BAD-61)", oauth.CodeInvalidScope, without("scope")},
		{"quotes (BAD-61)", oauth.CodeInvalidScope, with("scope", `"openid"`)},
		{"a carriage return (BAD-61)", oauth.CodeInvalidScope, with("scope", "openid\raccounts")},
		{"a backslash (BAD-61)", oauth.CodeInvalidScope, with("scope", `open\id`)},
		{"10 kB (BAD-61)", oauth.CodeInvalidScope, with("scope", strings.Repeat("openid ", 1500)+"openid")},
	},
	"SP2-34: nonce is at most as long as can be kept whole": {
		{"none", passes, nil},
		{"64 characters (BAD-62)", passes, with("nonce", long[:64])},
		{"384 characters (BAD-62)", passes, with("nonce", long[:384])},
		{"512 characters", passes, with("nonce", long[:512])},
		{"513 characters", oauth.CodeInvalidRequest, with("nonce", long[:513])},
	},
	"SP2-36: state is at most as long as can be kept whole": {
		{"none", passes, nil},
		{"1000 characters (BAD-62)", passes, with("state", long[:1000])},
		{"4096 characters", passes, with("state", long[:4096])},
		{"4097 characters", oauth.CodeInvalidRequest, with("state", long[:4097])},
	},
	"SP2-36: state and nonce are printable ASCII, so that they come back as they were": {
		{"every printable character", passes, both(with("state", ` !"#$%&'()*+,-./09:;<=>?@AZ[\]^_az{|}~`), with("nonce", `~ "\`))},
		{"a line break in state", oauth.CodeInvalidRequest, with("state", "a\nb")},
		{"NUL in nonce", oauth.CodeInvalidRequest, with("nonce", "a\x00")},
		{"not ASCII in state", oauth.CodeInvalidRequest, with("state", "\u00e9")},
		{"DEL in nonce", oauth.CodeInvalidRequest, with("nonce", "\x7f")},
	},
	"DPOP-8: dpop_jkt is a base64url SHA-256 thumbprint": {
		{"none", passes, nil},
		{"one", passes, with("dpop_jkt", thumbprint)},
		{"42 characters", oauth.CodeInvalidRequest, with("dpop_jkt", thumbprint[:42])},
		{"padding", oauth.CodeInvalidRequest, with("dpop_jkt", thumbprint+"=")},
	},
	"DPOP-8: dpop_jkt and the proof that comes with the request name one key": {
		{"the same key", passes, both(with("dpop_jkt", thumbprint), proofKey(thumbprint))},
		{"no proof", passes, with("dpop_jkt", thumbprint)},
		{"a proof alone", passes, proofKey(thumbprint)},
		{"two keys", oauth.CodeInvalidDPoPProof, both(with("dpop_jkt", thumbprint), proofKey(long[:43]))},
	},
	"OIDC-3: claims is a JSON object of the shape that asks for claims": {
		{"none", passes, nil},
		{"an empty object", passes, with("claims", "{}")},
		{"what is not served is ignored", passes, with("claims", `{"userinfo":{"given_name":null},"id_token":{"acr":{"essential":true}},"other":1}`)},
		{"no JSON", oauth.CodeInvalidRequest, with("claims", "acr")},
		{"a list", oauth.CodeInvalidRequest, with("claims", "[]")},
		{"a condition that cannot be read", oauth.CodeInvalidRequest, with("claims", `{"id_token":{"acr":{"essential":true,"value":7}}}`)},
		{"null", oauth.CodeInvalidRequest, with("claims", "null")},
		{"a repeated member", oauth.CodeInvalidRequest, with("claims", `{"userinfo":{},"userinfo":{}}`)},
		{"something behind", oauth.CodeInvalidRequest, with("claims", `{}{}`)},
	},
	"OIDC-2: prompt holds served values, and none stands alone": {
		{"absent", passes, nil},
		{"none", passes, with("prompt", "none")},
		{"login and consent", passes, with("prompt", "login consent")},
		{"none and login (BAD-65)", oauth.CodeInvalidRequest, with("prompt", "none login")},
		{"none twice", oauth.CodeInvalidRequest, with("prompt", "none none")},
		{"create, where it is not served", oauth.CodeInvalidRequest, with("prompt", "create")},
		{"two blanks", oauth.CodeInvalidRequest, with("prompt", "login  consent")},
	},
	"OIDC-2: max_age is a number of seconds": {
		{"absent", passes, nil},
		{"0", passes, with("max_age", "0")},
		{"300", passes, with("max_age", "300")},
		{"a hundred years", passes, with("max_age", "3153600000")},
		{"more than a hundred years", oauth.CodeInvalidRequest, with("max_age", "3153600001")},
		{"negative", oauth.CodeInvalidRequest, with("max_age", "-1")},
		{"a sign", oauth.CodeInvalidRequest, with("max_age", "+1")},
		{"a fraction", oauth.CodeInvalidRequest, with("max_age", "1.5")},
		{"a word", oauth.CodeInvalidRequest, with("max_age", "never")},
		{"more than any number", oauth.CodeInvalidRequest, with("max_age", "99999999999999999999")},
	},
}

func proofKey(jkt string) func(*Facts) {
	return func(f *Facts) { f.ProofKey = jkt }
}
