package rpc

import (
	"context"
	"encoding/hex"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/metadata"
)

// Observer is a Watcher that also sees calls begin and end.
type Observer interface {
	Watcher
	// Begin sees a call before its handler and answers the context for it, and
	// what to call at the end; nil for nothing.
	Begin(ctx context.Context, method string, request any) (context.Context, func(refused *Refusal))
}

// begin shows a call to those who observe, and answers what tells them its end.
func begin(ctx context.Context, watchers []Watcher, method string, request any) (context.Context, func(*Refusal)) {
	done := func(*Refusal) {}
	for _, w := range watchers {
		o, ok := w.(Observer)
		if !ok {
			continue
		}
		observed, end := o.Begin(ctx, method, request)
		ctx = observed
		if end != nil {
			before := done
			done = func(refused *Refusal) {
				end(refused)
				before(refused)
			}
		}
	}
	return ctx, done
}

// traceparent is the member of W3C Trace Context. Only a sampled trace travels,
// so that the many requests that nobody traces carry nothing.
const traceparent = "traceparent"

// sendTrace puts the trace in progress into the metadata of a call.
func sendTrace(ctx context.Context) context.Context {
	span := trace.SpanContextFromContext(ctx)
	if !span.IsSampled() {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, traceparent, "00-"+span.TraceID().String()+"-"+span.SpanID().String()+"-01")
}

// receiveTrace takes the caller's trace from the metadata of a call.
func receiveTrace(ctx context.Context) context.Context {
	values := metadata.ValueFromIncomingContext(ctx, traceparent)
	if len(values) != 1 {
		return ctx
	}
	span, ok := parseTraceparent(values[0])
	if !ok {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, span)
}

// parseTraceparent reads version 00 with the sampled flag; anything else is no
// trace of ours.
func parseTraceparent(text string) (trace.SpanContext, bool) {
	if len(text) != 55 || text[:3] != "00-" || text[35] != '-' || text[52:] != "-01" {
		return trace.SpanContext{}, false
	}
	var config trace.SpanContextConfig
	if n, err := hex.Decode(config.TraceID[:], []byte(text[3:35])); err != nil || n != 16 {
		return trace.SpanContext{}, false
	}
	if n, err := hex.Decode(config.SpanID[:], []byte(text[36:52])); err != nil || n != 8 {
		return trace.SpanContext{}, false
	}
	config.TraceFlags, config.Remote = trace.FlagsSampled, true
	span := trace.NewSpanContext(config)
	return span, span.IsValid()
}

// CarryTrace gives the trace in progress in one context to another, for calls
// that cross no wire.
func CarryTrace(from, to context.Context) context.Context {
	if span := trace.SpanContextFromContext(from); span.IsSampled() {
		return trace.ContextWithRemoteSpanContext(to, span)
	}
	return to
}
