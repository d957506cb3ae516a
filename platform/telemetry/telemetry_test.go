package telemetry

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// traced tells traces into memory.
func traced(t *testing.T, ratio float64) (*Telemetry, *tracetest.InMemoryExporter) {
	t.Helper()
	spans, told := tracetest.NewInMemoryExporter(), &Telemetry{}
	told.trace(sdktrace.WithSyncer(spans), resource.Empty(), ratio)
	return told, spans
}

func TestNothingConfiguredTellsNothing(t *testing.T) {
	told, err := Open(t.Context(), Config{}, "par", "v1", slog.New(slog.DiscardHandler))
	if told != nil || err != nil {
		t.Fatalf("%v, %v", told, err)
	}
	if _, done := told.Of(rpc.Gateway).Request(t.Context(), "/", "GET", ""); done != nil {
		t.Error("a request is watched")
	}
	if _, done := told.Of(rpc.PAR).Begin(t.Context(), "/a.v1.B/C", nil); done != nil {
		t.Error("a call is watched")
	}
	told.Of(rpc.PAR).Refused(t.Context(), rpc.Refusal{})
	if err := told.Close(); err != nil {
		t.Error(err)
	}
}

func TestConfigNamesTheKey(t *testing.T) {
	two, none := 2.0, math.NaN()
	for _, row := range []struct {
		name, want string
		config     Config
	}{
		{"more than all", "telemetry.traces.sample_ratio must be from 0 to 1", Config{Traces: Traces{SampleRatio: &two}}},
		{"no number", "telemetry.traces.sample_ratio must be from 0 to 1", Config{Traces: Traces{SampleRatio: &none}}},
		{"a URL", "telemetry.traces.endpoint must be host:port", Config{Traces: Traces{Endpoint: "http://collector"}}},
		{"a URL with a port", "telemetry.metrics.endpoint must be host:port", Config{Metrics: Metrics{Endpoint: "http://collector:4317"}}},
		{"no port", "telemetry.metrics.endpoint must be host:port", Config{Metrics: Metrics{Endpoint: "collector"}}},
		{"no host", "telemetry.metrics.listen must be host:port", Config{Metrics: Metrics{Listen: "9464"}}},
		{"a port that is none", "telemetry.metrics.listen must be host:port", Config{Metrics: Metrics{Listen: "127.0.0.1:99999"}}},
		{"too often", "telemetry.metrics.interval must be at least 1s", Config{Metrics: Metrics{Interval: time.Millisecond}}},
	} {
		if err := row.config.Validate(); err == nil || !strings.HasPrefix(err.Error(), row.want) {
			t.Errorf("%s: got %v, want %s", row.name, err, row.want)
		}
	}
	well := Config{Traces: Traces{Endpoint: "collector:4317"}, Metrics: Metrics{Listen: "[::1]:9464", Endpoint: "collector:4317", Interval: 10 * time.Second}}
	if err := well.Validate(); err != nil {
		t.Error(err)
	}
}

// TestServicesFollowTheEdge: what the edge does not sample, no service traces.
func TestServicesFollowTheEdge(t *testing.T) {
	for ratio, want := range map[float64]int{0: 0, 1: 2} {
		told, spans := traced(t, ratio)
		ctx, done := told.Of(rpc.Gateway).Request(t.Context(), "/{issuer}/par", "POST", "interaction")
		called, end := told.Of(rpc.PAR).Begin(ctx, "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
		if called == nil {
			t.Fatal("no context")
		}
		if end != nil {
			end(&rpc.Refusal{Code: "invalid_request", Rule: "SP2-25"})
		}
		done(400)
		found := spans.GetSpans()
		if len(found) != want {
			t.Fatalf("sampling %v: %d spans", ratio, len(found))
		}
		if want == 2 && (found[0].SpanContext.TraceID() != found[1].SpanContext.TraceID() || found[0].Parent.SpanID() != found[1].SpanContext.SpanID()) {
			t.Errorf("they are not of one trace: %+v", found)
		}
	}
}

// TestTheEdgeBeginsEveryTrace: whatever trace its context is of, a request is of another
// or of none.
func TestTheEdgeBeginsEveryTrace(t *testing.T) {
	outside := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, TraceFlags: trace.FlagsSampled, Remote: true})
	for ratio, want := range map[float64]int{0: 0, 1: 1} {
		told, spans := traced(t, ratio)
		ctx, done := told.Of(rpc.Gateway).Request(trace.ContextWithSpanContext(t.Context(), outside), "/{issuer}/par", "POST", "interaction")
		if seen := trace.SpanContextFromContext(ctx); seen.TraceID() == outside.TraceID() || seen.IsSampled() != (want == 1) {
			t.Errorf("sampling %v: the request goes on in %+v", ratio, seen)
		}
		done(201)
		if found := len(spans.GetSpans()); found != want {
			t.Errorf("sampling %v: %d spans", ratio, found)
		}
	}
}

func scrape(t *testing.T, told *Telemetry) string {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	resp, err := client.Get("http://" + told.Address().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMetricsTellOfCallsAndRefusals(t *testing.T) {
	told, err := Open(context.Background(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "par", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := told.Close(); err != nil {
			t.Error(err)
		}
	}()
	of := told.Of(rpc.PAR)
	told.WatchAudit(rpc.PAR, nil)
	refusal := rpc.Refusal{Code: "invalid_request", Rule: "SP2-25"}
	ctx, end := of.Begin(t.Context(), "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
	of.Refused(ctx, refusal)
	of.Refused(ctx, rpc.Refusal{Code: "invalid_client", PassedOn: true})
	end(&refusal)
	_, done := of.Request(t.Context(), "/{issuer}/par", "POST", "")
	done(400)
	text := scrape(t, told)
	for _, want := range []string{
		`strongroom_rpc_duration_seconds_count{method="PushedAuthorizationService/Push",outcome="invalid_request",service="par"} 1`,
		`strongroom_http_duration_seconds_count{method="POST",route="/{issuer}/par",status="400"} 1`,
		`strongroom_refusals_total{error="invalid_request",rule="SP2-25",service="par"} 1`,
		`strongroom_audit_lost_total{service="par"} 0`,
		`strongroom_build_info{`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "invalid_client") {
		t.Error("a refusal that was passed on is counted twice")
	}
}

func TestAddressInUseStopsTheStart(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	told, err := Open(context.Background(), Config{Metrics: Metrics{Listen: "127.0.0.1:0"}}, "par", "v1", log)
	if err != nil {
		t.Fatal(err)
	}
	_, again := Open(context.Background(), Config{Metrics: Metrics{Listen: told.Address().String()}}, "par", "v1", log)
	if again == nil || !strings.Contains(again.Error(), "telemetry.metrics.listen") {
		t.Error(again)
	}
	if err := errors.Join(told.Close()); err != nil {
		t.Error(err)
	}
}

// BenchmarkRequest compares a request with one call that nobody watches with one
// that is measured and traced at 1 %.
func BenchmarkRequest(b *testing.B) {
	one := 0.01
	told, err := Open(context.Background(), Config{
		Metrics: Metrics{Listen: "127.0.0.1:0"}, Traces: Traces{Endpoint: "127.0.0.1:1", Insecure: true, SampleRatio: &one},
	}, "par", "v1", slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = told.Close() }() // the collector is not there
	for name, t := range map[string]*Telemetry{"off": nil, "on": told} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				ctx, done := t.Of(rpc.Gateway).Request(context.Background(), "/{issuer}/par", "POST", "")
				_, end := t.Of(rpc.PAR).Begin(ctx, "/strongroom.par.v1.PushedAuthorizationService/Push", nil)
				if end != nil {
					end(nil)
				}
				if done != nil {
					done(201)
				}
			}
		})
	}
}
