// Package oauth holds the words of OAuth 2.0 and its extensions: parameter
// names, error codes, and the small rules that several endpoints share.
package oauth

// Parameter names, as the specifications spell them.
const (
	ParamAuthorizationDetails = "authorization_details"
	ParamClientAssertion      = "client_assertion"
	ParamClientAssertionType  = "client_assertion_type"
	ParamClientID             = "client_id"
	ParamClientSecret         = "client_secret"
	ParamCode                 = "code"
	ParamCodeChallenge        = "code_challenge"
	ParamCodeChallengeMethod  = "code_challenge_method"
	ParamCodeVerifier         = "code_verifier"
	ParamDPoPKey              = "dpop_jkt"
	ParamError                = "error"
	ParamErrorDescription     = "error_description"
	ParamGrantType            = "grant_type"
	ParamIss                  = "iss"
	ParamNonce                = "nonce"
	ParamRedirectURI          = "redirect_uri"
	ParamRefreshToken         = "refresh_token"
	ParamRequest              = "request"
	ParamRequestURI           = "request_uri"
	ParamResource             = "resource"
	ParamResponseMode         = "response_mode"
	ParamResponseType         = "response_type"
	ParamScope                = "scope"
	ParamState                = "state"
	ParamToken                = "token"
)

// Grant types.
const (
	GrantAuthorizationCode = "authorization_code"
	GrantClientCredentials = "client_credentials"
	GrantRefreshToken      = "refresh_token"
)

// Client authentication methods, OpenID Connect Core §9 and RFC 8705 §2.
const (
	AuthPrivateKeyJWT       = "private_key_jwt"
	AuthTLSClient           = "tls_client_auth"
	AuthSelfSignedTLSClient = "self_signed_tls_client_auth"
)

// Fixed values of parameters and metadata.
const (
	ApplicationNative       = "native"
	ApplicationWeb          = "web"
	AssertionTypeJWTBearer  = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	CodeChallengeMethodS256 = "S256"
	RequestURIPrefix        = "urn:ietf:params:oauth:request_uri:"
	ResponseModeQuery       = "query"
	ResponseTypeCode        = "code"
	ScopeOpenID             = "openid"
	TokenTypeBearer         = "Bearer"
	TokenTypeDPoP           = "DPoP"
)

// ClientIDPrefix begins every client_id that is made here. No user's subject
// may begin with it, so that a client can never be taken for a user (CRY-9:
// FAPI 2.0 §6.7, RFC 9700 §4.15).
const ClientIDPrefix = "client-"
