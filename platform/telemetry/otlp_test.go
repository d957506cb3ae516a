package telemetry

import (
	"log/slog"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
)

// TestMetricsAreSentByOTLP: at the end at the latest, without a listener for
// Prometheus, under the name of the service.
func TestMetricsAreSentByOTLP(t *testing.T) {
	to, err := telemetrytest.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	told, err := Open(t.Context(), Config{Metrics: Metrics{Endpoint: to.Address, Insecure: true}}, "par", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if told.Address() != nil {
		t.Errorf("metrics are served at %s, which nobody asked for", told.Address())
	}
	_, end := told.Of(rpc.PAR).Begin(t.Context(), "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
	end(nil)
	if err := told.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"strongroom.rpc.duration{method=PushedAuthorizationService/Push,outcome=ok,service=par}", "service.name=strongroom-par"} {
		if value, _ := to.Metric(want); value != 1 {
			t.Errorf("%s was not sent, but %v", want, to.Metrics())
		}
	}
}

// TestACollectorThatIsAwayStopsNobody: neither the start nor the end.
func TestACollectorThatIsAwayStopsNobody(t *testing.T) {
	told, err := Open(t.Context(), Config{Metrics: Metrics{Endpoint: "127.0.0.1:1", Insecure: true}}, "par", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	_, end := told.Of(rpc.PAR).Begin(t.Context(), "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
	end(nil)
	_ = told.Close() // it says that nobody took the metrics, within the time for it
}
