package redisconn

import (
	"context"
	"net"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// begin begins a span for commands, as a child of the request's own. Where that is
// not sampled there is none, and end is nil. It names the commands and never their
// arguments: keys and values are what clients sent.
func begin(ctx context.Context, commands []redis.Cmder) (inner context.Context, end func(error)) {
	parent := trace.SpanFromContext(ctx)
	if !parent.IsRecording() {
		return ctx, nil
	}
	names := named(commands)
	inner, span := parent.TracerProvider().Tracer("strongroom").Start(ctx, "redis "+names,
		trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
			attribute.String("db.system.name", "redis"), attribute.String("db.operation.name", names), attribute.Int("db.operation.batch.size", len(commands))))
	return inner, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, "") // its words might quote an argument
		}
		span.End()
	}
}

// named are the names of the commands, each once, in their order.
func named(commands []redis.Cmder) string {
	var names []string
	for _, command := range commands {
		if name := command.Name(); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// failed is the first error of commands that says more than that nothing was found.
func failed(commands []redis.Cmder) error {
	for _, command := range commands {
		if err := command.Err(); err != nil && err != redis.Nil { //nolint:errorlint // as the client compares it
			return err
		}
	}
	return nil
}

// spans is the hook for what goes to the store outside of a shared trip. A trip
// belongs to several requests: each has a span of its own there, and the hook, which
// sees the context of none, makes no other.
type spans struct{}

var _ redis.Hook = spans{}

func (spans) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		return next(ctx, network, address)
	}
}

func (spans) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		ctx, end := begin(ctx, []redis.Cmder{command})
		err := next(ctx, command)
		if end != nil && err == redis.Nil { //nolint:errorlint // as the client compares it
			end(nil)
		} else if end != nil {
			end(err)
		}
		return err
	}
}

func (spans) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		ctx, end := begin(ctx, commands)
		err := next(ctx, commands)
		if end != nil {
			end(failed(commands))
		}
		return err
	}
}

// unspanned is a context of no request: what several share is no child of one.
func unspanned(ctx context.Context) context.Context {
	if !trace.SpanContextFromContext(ctx).IsValid() {
		return ctx
	}
	return trace.ContextWithSpan(ctx, trace.SpanFromContext(context.Background()))
}
