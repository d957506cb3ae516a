package logging

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

const (
	interactionID = "interaction_id"
	traceID       = "trace_id"
)

// handler adds to each line the interaction and the trace that it belongs to.
type handler struct{ slog.Handler }

// Handle adds what the line does not say itself.
func (h handler) Handle(ctx context.Context, record slog.Record) error {
	if scope, ok := rpc.Find(ctx); ok && !says(record, interactionID) {
		record.AddAttrs(slog.String(interactionID, scope.InteractionID()))
	}
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		record.AddAttrs(slog.String(traceID, span.TraceID().String()))
	}
	return h.Handler.Handle(ctx, record)
}

func says(record slog.Record, name string) bool {
	found := false
	record.Attrs(func(a slog.Attr) bool {
		found = a.Key == name
		return !found
	})
	return found
}

// WithAttrs keeps the addition.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs)}
}

// WithGroup keeps the addition.
func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }
