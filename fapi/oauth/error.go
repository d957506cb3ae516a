package oauth

import (
	"errors"
	"strings"
)

// Error is a refusal in the words of OAuth. Code and Description are for the
// client; the cause is for the log and never leaves the process.
type Error struct {
	Code        string
	Description string
	// Rule names the requirement that refused, such as SP2-25.
	Rule string
	// Status is the HTTP status where it is not the one that Code implies; 0
	// otherwise.
	Status int
	// RetryAfter is the value of a Retry-After header in seconds; 0 for none.
	RetryAfter int
	// Nonce is a fresh DPoP nonce for the client; empty for none.
	Nonce string

	cause error
}

// Error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, RFC 7591 §3.2.2,
// RFC 9101 §7, RFC 9396 §5, RFC 8707 §2, RFC 9449 §5 and OpenID Connect Core
// §3.1.2.6.
const (
	CodeInvalidRequest              = "invalid_request"
	CodeInvalidClient               = "invalid_client"
	CodeInvalidGrant                = "invalid_grant"
	CodeUnauthorizedClient          = "unauthorized_client"
	CodeUnsupportedGrantType        = "unsupported_grant_type"
	CodeUnsupportedResponseType     = "unsupported_response_type"
	CodeInvalidScope                = "invalid_scope"
	CodeAccessDenied                = "access_denied"
	CodeServerError                 = "server_error"
	CodeTemporarilyUnavailable      = "temporarily_unavailable"
	CodeInvalidToken                = "invalid_token"
	CodeInsufficientScope           = "insufficient_scope"
	CodeInvalidRedirectURI          = "invalid_redirect_uri"
	CodeInvalidClientMetadata       = "invalid_client_metadata"
	CodeInvalidStatement            = "invalid_software_statement"
	CodeUnapprovedStatement         = "unapproved_software_statement"
	CodeInvalidRequestURI           = "invalid_request_uri"
	CodeRequestNotSupported         = "request_not_supported"
	CodeInvalidAuthorizationDetails = "invalid_authorization_details"
	CodeInvalidTarget               = "invalid_target"
	CodeInvalidDPoPProof            = "invalid_dpop_proof"
	CodeUseDPoPNonce                = "use_dpop_nonce"
	CodeLoginRequired               = "login_required"
	CodeConsentRequired             = "consent_required"
	CodeInteractionRequired         = "interaction_required"
	CodeUnmetAuthentication         = "unmet_authentication_requirements"
)

// New makes a refusal. The description is for the client's developer.
func New(code, description string) *Error {
	return &Error{Code: code, Description: Describe(description)}
}

// CodeInvalidRequestObject says that a request object is not good (RFC 9101 §7).
const CodeInvalidRequestObject = "invalid_request_object"

// InvalidRequest says that a parameter is missing, repeated or malformed.
func InvalidRequest(description string) *Error { return New(CodeInvalidRequest, description) }

// InvalidClient says that client authentication failed.
func InvalidClient(description string) *Error { return New(CodeInvalidClient, description) }

// InvalidGrant says that a code or refresh token is not good, or not this
// client's.
func InvalidGrant(description string) *Error { return New(CodeInvalidGrant, description) }

// InvalidScope says that the scope is unknown, malformed or beyond what may be
// asked for.
func InvalidScope(description string) *Error { return New(CodeInvalidScope, description) }

// InvalidToken says that a bearer token at a protected endpoint is not good.
func InvalidToken(description string) *Error {
	return New(CodeInvalidToken, description).withStatus(401)
}

// Unavailable says that a store or a service cannot answer, and when to try
// again, in seconds.
func Unavailable(retryAfter int) *Error {
	e := New(CodeTemporarilyUnavailable, "the server cannot answer at the moment")
	e.RetryAfter = retryAfter
	return e.withStatus(503)
}

// TooMany says that a limit was met, and when to try again, in seconds.
func TooMany(retryAfter int) *Error {
	e := InvalidRequest("too many requests")
	e.RetryAfter = retryAfter
	return e.withStatus(429)
}

func (e *Error) withStatus(status int) *Error {
	e.Status = status
	return e
}

// By is a copy that names the rule which refused.
func (e *Error) By(rule string) *Error {
	copied := *e
	copied.Rule = rule
	return &copied
}

// Because is a copy that carries the cause, for the log alone.
func (e *Error) Because(cause error) *Error {
	copied := *e
	copied.cause = cause
	return &copied
}

// Error is for logs: code, rule and cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	if e.Rule != "" {
		b.WriteString(" (" + e.Rule + ")")
	}
	if e.Description != "" {
		b.WriteString(": " + e.Description)
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.cause }

// HTTPStatus is the status that the error is answered with: 401 for
// invalid_client and invalid_token, 403 for insufficient_scope, 503 for
// temporarily_unavailable, 500 for server_error, else 400 (WIRE-5, from
// RFC 6749 §5.2 and RFC 6750 §3.1).
func (e *Error) HTTPStatus() int {
	if e.Status != 0 {
		return e.Status
	}
	switch e.Code {
	case CodeInvalidClient, CodeInvalidToken:
		return 401
	case CodeInsufficientScope:
		return 403
	case CodeTemporarilyUnavailable:
		return 503
	case CodeServerError:
		return 500
	}
	return 400
}

// AsError finds the refusal in a chain of errors.
func AsError(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// maxDescription bounds error_description, in bytes.
const maxDescription = 200

// Describe makes text fit for an error_description: the characters
// %x20-21 / %x23-5B / %x5D-7E of RFC 6749 §5.2, others become '?' (WIRE-4: no
// line break, quote or backslash ever comes back from what a client sent).
func Describe(text string) string {
	if len(text) > maxDescription {
		text = text[:maxDescription]
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r > 0x7e || r == '"' || r == '\\' {
			return '?'
		}
		return r
	}, text)
}
