package bank

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// interactionID is the header by which a call is found in both parties' logs
// (WIRE-11, FAPI 1 Baseline §6.2.1).
const interactionID = "X-Fapi-Interaction-Id"

// API is what the bank's customers let clients use: GET /accounts with the scope
// accounts, POST /payments with the scope payments. It answers JSON whatever the
// request accepts.
//
// protect stands before a handler: it lets a request through only with a good token
// of that scope, and refuses the others itself. subject tells whose token it was.
func API(protect func(scope string) func(http.Handler) http.Handler, subject func(*http.Request) string) http.Handler {
	accounts := protect("accounts")(accounts(subject))
	return router{
		routes: []route{
			{"GET", "/accounts", accounts},
			{"HEAD", "/accounts", accounts},
			{"POST", "/payments", protect("payments")(http.HandlerFunc(payments))},
		},
		header: apiHeader,
		fail: func(w http.ResponseWriter, httpStatus int) {
			failJSON(w, httpStatus, "there is no such resource or method")
		},
	}
}

// apiHeader is what every answer of the API has, also a refusal.
func apiHeader(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set(interactionID, interactionIDOf(r))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Strict-Transport-Security", "max-age=300")
}

var uuidSyntax = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)

// interactionIDOf is the request's own id where it is one UUID, else a new one.
func interactionIDOf(r *http.Request) string {
	if given := r.Header.Values(interactionID); len(given) == 1 && uuidSyntax.MatchString(given[0]) {
		return given[0]
	}
	return newUUID()
}

// newUUID is random, RFC 9562 §5.4.
func newUUID() string {
	var octets [16]byte
	_, _ = rand.Read(octets[:]) // never fails
	octets[6] = octets[6]&0x0f | 0x40
	octets[8] = octets[8]&0x3f | 0x80
	text := hex.EncodeToString(octets[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// accounts lists the accounts of whoever gave the token.
func accounts(subject func(*http.Request) string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, accountsOf(subject(r)))
	})
}

func writeJSON(w http.ResponseWriter, httpStatus int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(httpStatus)
	_ = json.NewEncoder(w).Encode(value)
}

func failJSON(w http.ResponseWriter, httpStatus int, description string) {
	writeJSON(w, httpStatus, map[string]string{
		oauth.ParamError:            oauth.CodeInvalidRequest,
		oauth.ParamErrorDescription: oauth.Describe(description),
	})
}
