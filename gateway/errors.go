package gateway

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// writeError writes the error object of RFC 6749 §5.2. The rule that refused is
// named in the description, for the client's developer.
// Algorithms are those that a DPoP proof may be signed by.
func writeError(w http.ResponseWriter, r *http.Request, e *oauth.Error, algorithms string) {
	status := e.HTTPStatus()
	retryAfter(w, e)
	offerNonce(w, e.Nonce)
	if status == http.StatusUnauthorized || status == http.StatusForbidden {
		challenge(w, r, e, algorithms)
	}
	writeJSON(w, status, map[string]string{"error": e.Code, "error_description": description(e)})
}

func description(e *oauth.Error) string {
	text := e.Description
	if e.Rule != "" {
		text += " [" + e.Rule + "]"
	}
	return oauth.Describe(text)
}

func retryAfter(w http.ResponseWriter, e *oauth.Error) {
	if e.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
}

// challenge names the scheme that the client tried: a MUST only after an
// Authorization header (WIRE-5: RFC 6749 §5.2), and at what a token protects
// (RFC 6750 §3, RFC 9449 §7.1).
func challenge(w http.ResponseWriter, r *http.Request, e *oauth.Error, algorithms string) {
	scheme, _ := authorization(r)
	switch {
	case e.Code == oauth.CodeInvalidClient && strings.EqualFold(scheme, "Basic"):
		w.Header().Set("WWW-Authenticate", `Basic realm="strongroom"`)
	case e.Code == oauth.CodeInvalidClient && scheme == "":
	case e.Code == oauth.CodeInvalidClient:
		w.Header().Set("WWW-Authenticate", `Bearer realm="strongroom"`)
	default:
		text := fmt.Sprintf("error=%q, error_description=%q", e.Code, description(e))
		if e.Code == oauth.CodeInsufficientScope {
			text += `, scope="` + oauth.ScopeOpenID + `"` // userinfo alone asks for a scope (RFC 6750 §3.1)
		}
		if strings.EqualFold(scheme, oauth.TokenTypeDPoP) {
			text = fmt.Sprintf("%s %s, algs=%q", oauth.TokenTypeDPoP, text, algorithms) // RFC 9449 §7.1
		} else {
			text = oauth.TokenTypeBearer + " " + text
		}
		w.Header().Set("WWW-Authenticate", text)
	}
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"server_error"}`)
	}
	writeRaw(w, status, text)
}

func writeRaw(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that is gone cannot be told
}

// routingError answers what no route serves.
func routingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, status int) {
	writeJSON(w, status, map[string]string{"error": oauth.CodeInvalidRequest, "error_description": http.StatusText(status)})
}
