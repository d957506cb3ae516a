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

	realm string
}

// refusal makes any error one.
func (v *Verifier) refusal(err error, scopes []string) *Refusal {
	reason, ok := oauth.AsError(err)
	if !ok {
		reason = oauth.New(oauth.CodeServerError, "the access token could not be checked").Because(err)
	}
	return &Refusal{Reason: reason, Scopes: scopes, realm: v.config.Resource}
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

// challenge is the WWW-Authenticate of RFC 6750 §3. Without a token there is no
// error code, but a realm, for the RFC wants one parameter at least.
func (r *Refusal) challenge() string {
	if r.Reason.Code == "" {
		return oauth.TokenTypeBearer + ` realm="` + r.realm + `"`
	}
	challenge := oauth.TokenTypeBearer + ` error="` + r.Reason.Code + `", error_description="` + r.Reason.Description + `"`
	if r.Reason.Code == oauth.CodeInsufficientScope {
		challenge += `, scope="` + strings.Join(r.Scopes, " ") + `"`
	}
	return challenge
}

// Refuse answers a request that Verify refused: status, WWW-Authenticate and a
// JSON body of error and error_description. Any other error is a 500 that
// tells nothing.
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
		header.Set("WWW-Authenticate", r.challenge())
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
