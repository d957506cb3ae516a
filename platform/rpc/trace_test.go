package rpc_test

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// TestTraceTravels: a sampled trace reaches the service that is called, over
// either transport; one that nobody samples does not.
func TestTraceTravels(t *testing.T) {
	for name, flags := range map[string]trace.TraceFlags{"sampled": trace.FlagsSampled, "not sampled": 0} {
		t.Run(name, func(t *testing.T) {
			sent := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1, 2, 3}, SpanID: trace.SpanID{4, 5}, TraceFlags: flags})
			var received trace.SpanContext
			overEach(t, func(ctx context.Context, _ *parv1.PushRequest) (*parv1.PushResponse, error) {
				received = trace.SpanContextFromContext(ctx)
				return &parv1.PushResponse{}, nil
			}, func(t *testing.T, s *suite) {
				ctx, cancel := context.WithTimeout(trace.ContextWithSpanContext(context.Background(), sent), time.Minute)
				defer cancel()
				if _, err := parv1.NewPushedAuthorizationServiceClient(s.conn(rpc.Gateway)).Push(ctx, &parv1.PushRequest{Call: s.call(t, "bank")}); err != nil {
					t.Fatal(err)
				}
				if flags == 0 && received.IsValid() {
					t.Errorf("an unsampled trace travelled: %v", received)
				}
				if flags != 0 && (received.TraceID() != sent.TraceID() || received.SpanID() != sent.SpanID() || !received.IsRemote()) {
					t.Errorf("got %v, want %v", received, sent)
				}
			})
		})
	}
}
