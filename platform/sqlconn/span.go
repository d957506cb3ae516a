package sqlconn

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// spans makes a span for each statement, as a child of the request's own; none
// where that is not sampled. It tells what is done to which table and never the
// arguments, nor the database's own words, which may quote them. SQLite has no such
// hook: it works within the process.
type spans struct{}

var _ pgx.QueryTracer = spans{}

// TraceQueryStart sees a statement before it is sent.
func (spans) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx
	}
	summary := summaryOf(data.SQL)
	ctx, span := parent.TracerProvider().Tracer("strongroom").Start(ctx, "sql "+summary, trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(attribute.String("db.system.name", "postgresql"), attribute.String("db.query.summary", summary)))
	return context.WithValue(ctx, spanKey{}, span)
}

// spanKey is where a statement's span waits for its end: in the context alone, it
// could not be told from the request's, which must not end here.
type spanKey struct{}

// TraceQueryEnd sees the answer.
func (spans) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	span, ok := ctx.Value(spanKey{}).(trace.Span)
	if !ok {
		return
	}
	if data.Err != nil {
		span.SetStatus(codes.Error, "")
	}
	span.End()
}

// summaryOf is a statement's first word and its table: INSERT user_grant.
func summaryOf(statement string) string {
	words := strings.Fields(statement)
	if len(words) == 0 {
		return "ping"
	}
	verb := strings.ToUpper(words[0])
	for n, word := range words[:len(words)-1] {
		switch strings.ToUpper(word) {
		case "INTO", "FROM", "UPDATE":
			return verb + " " + strings.TrimRight(words[n+1], "(;,")
		}
	}
	return verb
}
