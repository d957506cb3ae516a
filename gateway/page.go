package gateway

import (
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"html/template"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

var page = template.Must(template.New("page").Parse(pageHTML))

// pagePolicy lets a page use its own style and nothing else: no script, no
// frame, no form (AZ-5, BAD-84).
var pagePolicy = "default-src 'none'; style-src 'sha256-" + styleHash() + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

func styleHash() string {
	sum := sha256.Sum256([]byte(pageCSS))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// writePage tells a user that their authorization cannot go on. It is what a
// browser sees whenever nothing has proved where else to send it (BCP-7: never a
// redirect to an address that is not verified). A refusal is HTTP 400 whatever
// its code, for a browser has no use for a challenge. One that says 503 may be loaded
// again: beginning burns nothing, and coming back goes on where it was.
func writePage(w http.ResponseWriter, e *oauth.Error, interaction string) {
	status := e.HTTPStatus()
	if status < http.StatusInternalServerError && status != http.StatusRequestEntityTooLarge && status != http.StatusTooManyRequests {
		status = http.StatusBadRequest
	}
	retryAfter(w, e)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("X-Frame-Options", "DENY")
	w.WriteHeader(status)
	_ = page.Execute(w, map[string]any{ // a browser that is gone cannot be told
		"Style": template.CSS(pageCSS), //nolint:gosec // ours, embedded at build time
		"Again": status == http.StatusServiceUnavailable,
		"Code":  e.Code, "Description": e.Description, "Rule": e.Rule, "Interaction": interaction,
	})
}
