package clientreg_test

import (
	"log/slog"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// TestRegistrationThatTheTrailTakesNot: who was told 503 registers again, also where a
// software may register once, and there is one client (BAD-162).
func TestRegistrationThatTheTrailTakesNot(t *testing.T) {
	eachFrameworkWorld(t, byStatement, func(t *testing.T, w *world) {
		host := newKeyHost(t, string(keys()))
		full, other := w.recording(closedTrail(t, w.clock), host.fetching(t)), w.replica(host.fetching(t))
		first := w.application(cdr, host)
		again := func() application {
			return w.application(cdr, host, func(a *application) {
				a.claims["software_id"], a.members["iss"] = first.claims["software_id"], first.members["iss"]
			})
		}
		for range 2 {
			_, err := full.apply(again())
			wantRefusal(t, err, oauth.CodeTemporarilyUnavailable, "", 503)
		}
		if _, err := other.apply(again()); err != nil {
			t.Fatalf("who was told 503 comes again: %v", err)
		}
		_, err := other.apply(again())
		wantRefusal(t, err, oauth.CodeInvalidClientMetadata, "DCR-4", 400)
	})
}

// closedTrail is one that takes nothing, as one whose disk is full.
func closedTrail(t *testing.T, clk clock.Clock) *audit.Recorder {
	t.Helper()
	trail := must(audit.Open(audit.Config{Folder: t.TempDir(), Instance: "a"}, "clientreg", clk, slog.New(slog.DiscardHandler)))
	if err := trail.Close(); err != nil {
		t.Fatal(err)
	}
	return trail
}
