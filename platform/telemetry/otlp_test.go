package telemetry

import (
	"context"
	"log/slog"
	"net"
	"testing"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// collector is an OTLP collector of metrics that keeps their names.
type collector struct {
	collectormetrics.UnimplementedMetricsServiceServer
	names chan map[string]bool
}

func (c *collector) Export(_ context.Context, request *collectormetrics.ExportMetricsServiceRequest) (*collectormetrics.ExportMetricsServiceResponse, error) {
	names := map[string]bool{}
	for _, resource := range request.GetResourceMetrics() {
		for _, attribute := range resource.GetResource().GetAttributes() {
			names[attribute.GetKey()+"="+attribute.GetValue().GetStringValue()] = true
		}
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				names[metric.GetName()] = true
			}
		}
	}
	c.names <- names
	return &collectormetrics.ExportMetricsServiceResponse{}, nil
}

// TestMetricsAreSentByOTLP: at the end at the latest, without a listener for
// Prometheus, under the name of the service.
func TestMetricsAreSentByOTLP(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	to, server := &collector{names: make(chan map[string]bool, 10)}, grpc.NewServer()
	collectormetrics.RegisterMetricsServiceServer(server, to)
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()
	told, err := Open(t.Context(), Config{Metrics: Metrics{Endpoint: listener.Addr().String(), Insecure: true}}, "par", "v1", slog.New(slog.DiscardHandler))
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
	names := <-to.names
	for _, want := range []string{"strongroom.rpc.duration", "strongroom.build.info", "service.name=strongroom-par"} {
		if !names[want] {
			t.Errorf("%s was not sent, but %v", want, names)
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
