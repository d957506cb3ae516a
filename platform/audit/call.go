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
		grant, authorization := scope.Grant()
		fill(&e.GrantID, grant)
		fill(&e.AuthorizationID, authorization)
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
	r.Refuse(ctx, Event{Actor: string(refusal.Caller), Method: refusal.Method, Error: refusal.Code, Rule: refusal.Rule})
}

// Refuse records a refusal that was made outside of a service's interceptor. What is
// lost is counted and in the log; the refusal stands.
func (r *Recorder) Refuse(ctx context.Context, event Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), refusalPatience)
	defer cancel()
	event.Kind = Refused
	_ = r.Record(ctx, event)
}
