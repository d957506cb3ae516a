package telemetry

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// Telemetry is what a process tells. A nil one tells nothing.
type Telemetry struct {
	tracer  trace.Tracer // nil without traces
	ratio   float64      // of what begins here and is traced
	metrics *instruments // nil without metrics
	closers []func(context.Context) error
	address net.Addr
}

// Open begins what is configured, under the name of a service; it answers nil
// where that is nothing. A collector that is not there stops nobody.
func Open(ctx context.Context, c Config, service, version string, log *slog.Logger) (*Telemetry, error) {
	if c.Traces.Endpoint == "" && c.Metrics.Listen == "" && c.Metrics.Endpoint == "" {
		return nil, nil //nolint:nilnil // a nil Telemetry is one that tells nothing
	}
	t := &Telemetry{}
	of := resource.NewSchemaless(attribute.String("service.name", "strongroom-"+service), attribute.String("service.version", version))
	if c.Traces.Endpoint != "" {
		options := []otlptracegrpc.Option{otlptracegrpc.WithEndpoint(c.Traces.Endpoint)}
		if c.Traces.Insecure {
			options = append(options, otlptracegrpc.WithInsecure())
		}
		exporter, err := otlptracegrpc.New(ctx, options...)
		if err != nil {
			return nil, fmt.Errorf("telemetry.traces: %w", err)
		}
		t.trace(sdktrace.WithBatcher(exporter), of, c.Traces.ratio())
	}
	if c.Metrics.Listen != "" || c.Metrics.Endpoint != "" {
		if err := t.measure(ctx, c.Metrics, of, version, log); err != nil {
			return nil, errors.Join(err, t.Close())
		}
	}
	return t, nil
}

// trace begins traces. What is sampled is decided before a root begins: everybody
// records what comes with a sampled parent, and nothing else.
func (t *Telemetry) trace(to sdktrace.TracerProviderOption, of *resource.Resource, ratio float64) {
	provider := sdktrace.NewTracerProvider(to, sdktrace.WithResource(of),
		sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())))
	t.tracer, t.ratio = provider.Tracer("strongroom"), ratio
	t.closers = append(t.closers, provider.Shutdown)
}

// measure begins metrics, for each reader that is configured.
func (t *Telemetry) measure(ctx context.Context, c Metrics, of *resource.Resource, version string, log *slog.Logger) error {
	options := []metric.Option{metric.WithResource(of)}
	registry := prometheus.NewRegistry()
	if c.Listen != "" {
		served, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithoutScopeInfo(), otelprometheus.WithoutTargetInfo())
		if err != nil {
			return err
		}
		options = append(options, metric.WithReader(served))
	}
	if c.Endpoint != "" {
		sent, err := c.sender(ctx)
		if err != nil {
			return fmt.Errorf("telemetry.metrics.endpoint: %w", err)
		}
		options = append(options, metric.WithReader(sent))
	}
	provider := metric.NewMeterProvider(options...)
	t.closers = append(t.closers, provider.Shutdown)
	var err error
	if t.metrics, err = newInstruments(provider.Meter("strongroom"), version); err != nil || c.Listen == "" {
		return err
	}
	return t.serve(c.Listen, registry, log)
}

// sender sends by OTLP, at intervals and at the end.
func (m Metrics) sender(ctx context.Context) (metric.Reader, error) {
	options := []otlpmetricgrpc.Option{otlpmetricgrpc.WithEndpoint(m.Endpoint)}
	if m.Insecure {
		options = append(options, otlpmetricgrpc.WithInsecure())
	}
	exporter, err := otlpmetricgrpc.New(ctx, options...)
	if err != nil {
		return nil, err
	}
	return metric.NewPeriodicReader(exporter, metric.WithInterval(cmp.Or(m.Interval, defaultInterval))), nil
}

// serve serves /metrics for Prometheus.
func (t *Telemetry) serve(address string, registry *prometheus.Registry, log *slog.Logger) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("telemetry.metrics.listen: %w", err)
	}
	t.address = listener.Addr()
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("metrics are not served", "cause", err)
		}
	}()
	t.closers = append(t.closers, func(context.Context) error { return server.Close() })
	return nil
}

// Address is where metrics are served; nil where they are not.
func (t *Telemetry) Address() net.Addr {
	if t == nil {
		return nil
	}
	return t.address
}

// flush bounds the sending of the last spans.
const flush = 2 * time.Second

// Close sends what is not sent yet, and ends.
func (t *Telemetry) Close() error {
	if t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), flush)
	defer cancel()
	var faults []error
	for _, end := range t.closers {
		faults = append(faults, end(ctx))
	}
	return errors.Join(faults...)
}
