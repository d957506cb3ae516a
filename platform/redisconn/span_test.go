package redisconn_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// tracing keeps spans in memory.
func tracing(t *testing.T) (trace.Tracer, *tracetest.InMemoryExporter) {
	t.Helper()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans), sdktrace.WithSampler(sdktrace.ParentBased(sdktrace.AlwaysSample())))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	return provider.Tracer("test"), spans
}

// TestEachRequestOfATripHasASpan: requests that share a trip have each a span below
// their own, in their own trace.
func TestEachRequestOfATripHasASpan(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		tracer, spans := tracing(t)
		const requests = 20
		parents := make([]trace.SpanContext, requests)
		var group sync.WaitGroup
		for n := range parents {
			group.Go(func() {
				ctx, parent := tracer.Start(context.Background(), "request")
				parents[n] = parent.SpanContext()
				defer parent.End()
				if _, err := client.Burn(ctx, redisconn.Spending{Key: fmt.Sprintf("test:{secret-%d}", n), Attempt: "secret", TTL: time.Minute, Issued: time.Now().Add(time.Minute)}); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		below := map[trace.SpanID]trace.TraceID{}
		for _, span := range spans.GetSpans() {
			if strings.HasPrefix(span.Name, "redis set") {
				below[span.Parent.SpanID()] = span.SpanContext.TraceID()
			}
			if strings.Contains(fmt.Sprint(span.Name, span.Attributes, span.Events, span.Status), "secret") {
				t.Errorf("a span tells an argument: %+v", span)
			}
		}
		for n, parent := range parents {
			if below[parent.SpanID()] != parent.TraceID() {
				t.Errorf("request %d has no span of its trip", n)
			}
		}
	})
}

// TestCommandsOutsideATripHaveSpans: by themselves and in a pipeline; a fault shows
// without its words.
func TestCommandsOutsideATripHaveSpans(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		tracer, spans := tracing(t)
		ctx, parent := tracer.Start(context.Background(), "request")
		key := "test:{" + t.Name() + "}"
		client.Set(ctx, key, "secret", time.Minute)
		client.Get(ctx, key+"nothing")
		client.Incr(ctx, key)
		_, _ = client.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.Get(ctx, key)
			pipe.Expire(ctx, key, time.Second)
			return nil
		})
		parent.End()
		var told []string
		for _, span := range spans.GetSpans() {
			if span.Parent.SpanID() == parent.SpanContext().SpanID() {
				told = append(told, span.Name+" "+span.Status.Code.String()+span.Status.Description)
			}
		}
		want := []string{"redis set Unset", "redis get Unset", "redis incr " + codes.Error.String(), "redis get expire Unset"}
		if fmt.Sprint(told) != fmt.Sprint(want) {
			t.Errorf("the spans are %q, want %q", told, want)
		}
	})
}

// TestNothingIsToldOfWhatIsNotSampled: neither of no trace, nor of one that its root
// did not sample.
func TestNothingIsToldOfWhatIsNotSampled(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		tracer, spans := tracing(t)
		unsampled := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}, Remote: true})
		ctx, span := tracer.Start(trace.ContextWithRemoteSpanContext(context.Background(), unsampled), "request")
		for _, ctx := range []context.Context{context.Background(), ctx} {
			client.Get(ctx, "test:nothing")
			client.Trip(ctx, redis.NewStringCmd(ctx, "get", "test:nothing"))
		}
		span.End()
		if told := spans.GetSpans(); len(told) > 0 {
			t.Errorf("there are %d spans, the first is %s", len(told), told[0].Name)
		}
	})
}
