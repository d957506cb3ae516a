package audit

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// fillIn takes from the call in progress what the event leaves open.
func (e *Event) fillIn(ctx context.Context) {
	if scope, ok := rpc.Find(ctx); ok {
		fill(&e.Issuer, scope.Issuer.Name)
		fill(&e.InteractionID, scope.InteractionID())
		fill(&e.ClientID, scope.ClientID())
	}
	if span := trace.SpanContextFromContext(ctx); span.IsSampled() {
		fill(&e.TraceID, span.TraceID().String())
	}
	if caller, ok := rpc.Caller(ctx); ok {
		fill(&e.Actor, string(caller))
	}
}

func fill(text *string, with string) {
	if *text == "" {
		*text = with
	}
}

// refusalPatience is how long a refusal waits for room in the queue: whoever is
// refused must not hold the service up.
const refusalPatience = 100 * time.Millisecond

// Refused records a refusal that this service made. It is what a Recorder is to
// the interceptor of a service.
func (r *Recorder) Refused(ctx context.Context, refusal rpc.Refusal) {
	if r == nil || refusal.PassedOn {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, refusalPatience)
	defer cancel()
	// What is lost is counted and in the log; the refusal stands.
	_ = r.Record(ctx, Event{
		Kind: Refused, Actor: string(refusal.Caller), Method: refusal.Method, Error: refusal.Code, Rule: refusal.Rule,
	})
}
