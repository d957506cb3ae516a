package resource

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Refusal is why a request may not pass. Every error of Verify is one.
type Refusal struct {
	// Reason has the OAuth code and the HTTP status; the code is empty where
	// the request brought no token at all. It names the rule that refused.
	Reason *oauth.Error
	// Scopes are those that the request needs.
	Scopes []string

	realm   string
	schemes []string // of the challenges
}

// refusal makes any error one. The challenge is in the scheme that was used;
// where none was, or the token's own is another, it is in each that this API
// takes (RSE-1: RFC 9449 §7.1 and §7.2).
func (v *Verifier) refusal(err error, scheme string, scopes []string) *Refusal {
	reason, ok := oauth.AsError(err)
	if !ok {
		reason = oauth.New(oauth.CodeServerError, "the access token could not be checked").Because(err)
	}
	schemes := []string{oauth.TokenTypeBearer}
	switch {
	case v.dpop == nil:
	case scheme == "" || errors.Is(err, errScheme):
		schemes = []string{oauth.TokenTypeBearer, oauth.TokenTypeDPoP}
	default:
		schemes = []string{scheme}
	}
	return &Refusal{Reason: atResource(reason), Scopes: scopes, realm: v.config.Resource, schemes: schemes}
}

// atResource gives proofs the status that they have at a resource: 401, where
// an authorization server answers 400 (RFC 9449 §7.1, §9).
func atResource(reason *oauth.Error) *oauth.Error {
	if reason.Code != oauth.CodeInvalidDPoPProof && reason.Code != oauth.CodeUseDPoPNonce {
		return reason
	}
	copied := *reason
	copied.Status = http.StatusUnauthorized
	return &copied
}

// Error is for logs.
func (r *Refusal) Error() string { return "resource: " + r.Reason.Error() }

// Unwrap is the *oauth.Error.
func (r *Refusal) Unwrap() error { return r.Reason }

// log tells of every refusal but those of requests without a token, which is
// how clients of any kind begin.
func (r *Refusal) log(ctx context.Context, log *slog.Logger) {
	if r.Reason.Code == "" {
		return
	}
	level := slog.LevelInfo
	if r.Reason.HTTPStatus() >= http.StatusInternalServerError {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "access token refused", "code", r.Reason.Code, "rule", r.Reason.Rule, "cause", r.Reason.Error())
}

// challenge is one WWW-Authenticate, RFC 6750 §3 or RFC 9449 §7.1. Without a
// token there is no error code; Bearer then has a realm, for it wants one
// parameter at least.
func (r *Refusal) challenge(scheme string) string {
	var parameters []string
	add := func(name, value string) { parameters = append(parameters, name+`="`+value+`"`) }
	switch {
	case r.Reason.Code != "":
		add(oauth.ParamError, r.Reason.Code)
		add(oauth.ParamErrorDescription, r.Reason.Description)
	case scheme == oauth.TokenTypeBearer:
		add("realm", r.realm)
	}
	if r.Reason.Code == oauth.CodeInsufficientScope {
		add(oauth.ParamScope, strings.Join(r.Scopes, " "))
	}
	if scheme == oauth.TokenTypeDPoP {
		add("algs", proofAlgorithms)
	}
	return scheme + " " + strings.Join(parameters, ", ")
}

// Refuse answers a request that Verify refused: status, WWW-Authenticate,
// DPoP-Nonce where one is wanted, and a JSON body of error and
// error_description. Any other error is a 500 that tells nothing.
func Refuse(w http.ResponseWriter, err error) {
	var refusal *Refusal
	if !errors.As(err, &refusal) {
		refusal = &Refusal{Reason: oauth.New(oauth.CodeServerError, "the access token could not be checked")}
	}
	refusal.write(w)
}

func (r *Refusal) write(w http.ResponseWriter) {
	status := r.Reason.HTTPStatus()
	header := w.Header()
	header.Set("Cache-Control", "no-store")
	if status < http.StatusInternalServerError {
		for _, scheme := range r.schemes {
			header.Add("WWW-Authenticate", r.challenge(scheme))
		}
	}
	if r.Reason.Nonce != "" {
		header.Set("DPoP-Nonce", r.Reason.Nonce)
	}
	if r.Reason.RetryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(r.Reason.RetryAfter))
	}
	if r.Reason.Code == "" {
		w.WriteHeader(status)
		return
	}
	header.Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A client that left meanwhile cannot be told.
	_ = json.NewEncoder(w).Encode(map[string]string{
		oauth.ParamError:            r.Reason.Code,
		oauth.ParamErrorDescription: r.Reason.Description,
	})
}
