// Package telemetrytest is a collector for tests: what a process tells leaves it here,
// by OTLP, as it would leave for an operator's.
package telemetrytest

import (
	"context"
	"net"
	"slices"
	"sync"

	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	collectortrace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
)

// Collector keeps the spans and metrics that it is sent.
type Collector struct {
	// Address is host:port. It speaks OTLP over gRPC without TLS.
	Address string
	server  *grpc.Server

	mu      sync.Mutex
	spans   []Span
	metrics map[string]float64
}

// Open begins to listen, at a free port of this machine.
func Open() (*Collector, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &Collector{Address: listener.Addr().String(), server: grpc.NewServer(), metrics: map[string]float64{}}
	collectortrace.RegisterTraceServiceServer(c.server, traces{to: c})
	collectormetrics.RegisterMetricsServiceServer(c.server, metrics{to: c})
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

// Close ends it.
func (c *Collector) Close() { c.server.Stop() }

// Spans are those that came so far.
func (c *Collector) Spans() []Span {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.spans)
}

// Metric is the last value of a metric, by its name and its attributes in the order of
// their names, such as strongroom.rpc.duration{method=Sign,service=keys}: of a
// histogram, how many were measured.
func (c *Collector) Metric(named string) (value float64, told bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	value, told = c.metrics[named]
	return value, told
}

// Metrics are the names of all that were told, with their attributes.
func (c *Collector) Metrics() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for name := range c.metrics {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

type traces struct {
	collectortrace.UnimplementedTraceServiceServer
	to *Collector
}

// Export takes spans.
func (t traces) Export(_ context.Context, request *collectortrace.ExportTraceServiceRequest) (*collectortrace.ExportTraceServiceResponse, error) {
	t.to.mu.Lock()
	defer t.to.mu.Unlock()
	for _, resource := range request.GetResourceSpans() {
		of := named(resource.GetResource().GetAttributes(), "service.name")
		for _, scope := range resource.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				t.to.spans = append(t.to.spans, spanOf(of, span))
			}
		}
	}
	return &collectortrace.ExportTraceServiceResponse{}, nil
}

type metrics struct {
	collectormetrics.UnimplementedMetricsServiceServer
	to *Collector
}

// Export takes metrics.
func (m metrics) Export(_ context.Context, request *collectormetrics.ExportMetricsServiceRequest) (*collectormetrics.ExportMetricsServiceResponse, error) {
	m.to.mu.Lock()
	defer m.to.mu.Unlock()
	for _, resource := range request.GetResourceMetrics() {
		of := named(resource.GetResource().GetAttributes(), "service.name")
		m.to.metrics["service.name="+of] = 1
		for _, scope := range resource.GetScopeMetrics() {
			for _, metric := range scope.GetMetrics() {
				keep(m.to.metrics, metric)
			}
		}
	}
	return &collectormetrics.ExportMetricsServiceResponse{}, nil
}
