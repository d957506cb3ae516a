package e2e

import (
	"net/http"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// unavailable is what a client is told that may try again.
func unavailable(t *testing.T, answer *rig.Response) {
	t.Helper()
	answer.Refused(t, http.StatusServiceUnavailable, oauth.CodeTemporarilyUnavailable)
	if answer.Header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}
