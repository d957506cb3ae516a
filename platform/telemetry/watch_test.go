package telemetry

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// TestEveryServiceOfOneProcessIsWatched: where several tell through one Telemetry, each
// is there under its own name.
func TestEveryServiceOfOneProcessIsWatched(t *testing.T) {
	told, err := Open(t.Context(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "sandbox", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = told.Close() })
	for _, service := range []rpc.Name{rpc.Authorize, rpc.Token} {
		told.WatchAudit(service, nil)
		told.WatchSweeps(service, nil)
		told.WatchClock(service)(0)
	}
	scraped := scrape(t, told)
	for _, service := range []string{"authorize", "token"} {
		for _, want := range []string{
			`strongroom_audit_lost_total{service="` + service + `"} 0`, // counted
			`strongroom_audit_queued{service="` + service + `"} 0`,     // at the moment
			`strongroom_lease_held{lease="sweep",service="` + service + `"} 0`,
			`strongroom_clock_ahead_seconds{service="` + service + `"} 0`,
		} {
			if !strings.Contains(scraped, want+"\n") {
				t.Errorf("there is no %s", want)
			}
		}
	}
}
