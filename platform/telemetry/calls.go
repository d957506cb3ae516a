package telemetry

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	grpccodes "google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// Service is the telemetry of one service, as its interceptor sees it. In one
// process several services share what they tell through.
type Service struct {
	*Telemetry
	name string
}

// Of is the telemetry of a service; it may be made of nil.
func (t *Telemetry) Of(name rpc.Name) Service {
	if t != nil && t.metrics != nil {
		t.metrics.begin(string(name))
	}
	return Service{t, string(name)}
}

var _ rpc.Observer = Service{}

// Begin sees a call before its handler.
func (s Service) Begin(ctx context.Context, method string, request any) (context.Context, func(refused *rpc.Refusal)) {
	if s.Telemetry == nil || (s.metrics == nil && !trace.SpanContextFromContext(ctx).IsSampled()) {
		return ctx, nil
	}
	begun := time.Now()
	ctx, span := s.continued(ctx, method)
	return ctx, func(refused *rpc.Refusal) {
		if s.metrics != nil && refused == nil {
			s.countUse(ctx, request)
		}
		s.end(ctx, span, method, begun, refused)
	}
}

// Call sees a call of who is no service of the suite, at a listener for such. Like a
// request at the edge it begins a trace of its own.
func (s Service) Call(ctx context.Context, method, interaction string) (context.Context, func(refused *rpc.Refusal)) {
	if s.Telemetry == nil {
		return ctx, func(*rpc.Refusal) {}
	}
	begun := time.Now()
	ctx, span := s.root(ctx, short(method), interaction, attribute.String("strongroom.service", s.name))
	return ctx, func(refused *rpc.Refusal) {
		if s.metrics != nil && refused != nil && refused.Code == grpccodes.PermissionDenied.String() {
			s.metrics.operator.Add(ctx, 1, s.metrics.set(serviceLabel, s.name, "", ""))
		}
		s.end(ctx, span, method, begun, refused)
	}
}

// end tells what came of a call.
func (s Service) end(ctx context.Context, span trace.Span, method string, begun time.Time, refused *rpc.Refusal) {
	outcome := "ok"
	if refused != nil {
		outcome = refused.Code
		span.SetStatus(codes.Error, outcome)
		span.SetAttributes(attribute.String("strongroom.rule", refused.Rule))
	}
	span.End()
	if s.metrics != nil {
		s.metrics.rpc.Record(ctx, seconds(begun), s.metrics.set(rpcLabels, s.name, short(method), outcome))
		if isFault(refused) {
			s.fault(ctx)
		}
	}
}

// countUse counts what a key was used for. Of a decryption the algorithm is not told:
// it stands in the JWE, which only keys reads.
func (s Service) countUse(ctx context.Context, request any) {
	var purpose keysv1.Purpose
	algorithm := ""
	switch use := request.(type) {
	case *keysv1.SignRequest:
		purpose, algorithm = use.GetPurpose(), known(use.GetAlgorithm())
	case *keysv1.DecryptRequest:
		purpose = use.GetPurpose()
	default:
		return
	}
	named := strings.ToLower(strings.TrimPrefix(purpose.String(), "PURPOSE_"))
	s.metrics.keys.Add(ctx, 1, s.metrics.set(keyLabels, named, algorithm, ""))
}

// known keeps a caller's own words out of the labels.
func known(algorithm string) string {
	switch algorithm {
	case "ES256", "PS256", "EdDSA":
		return algorithm
	}
	return "other"
}

// short is Service/Method of /strongroom.par.v1.Service/Method.
func short(method string) string {
	return method[strings.LastIndexByte(method[:max(0, strings.LastIndexByte(method, '/'))], '.')+1:]
}

// continued goes on with the caller's trace. Without a sampled one there is no
// span.
func (s Service) continued(ctx context.Context, method string) (context.Context, trace.Span) {
	if s.tracer == nil || !trace.SpanContextFromContext(ctx).IsSampled() {
		return ctx, untraced
	}
	return s.tracer.Start(ctx, short(method), trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(attribute.String("strongroom.service", s.name)))
}

// Refused counts a refusal where it was made.
func (s Service) Refused(ctx context.Context, refusal rpc.Refusal) {
	if s.Telemetry == nil || s.metrics == nil || refusal.PassedOn {
		return
	}
	s.metrics.refusals.Add(ctx, 1, s.metrics.set(refusalLabels, s.name, refusal.Code, refusal.Rule))
}

// untraced is the span of what has none.
var untraced = trace.SpanFromContext(context.Background())

// root begins a trace of its own: a traceparent from outside is nobody's word, and
// whoever sends one could have every request of theirs traced, or join another's. The
// dice fall before anything is made, for most requests have no trace.
func (t *Telemetry) root(ctx context.Context, name, interaction string, of attribute.KeyValue) (context.Context, trace.Span) {
	if t.tracer == nil {
		return ctx, untraced
	}
	if rand.Float64() >= t.ratio { //nolint:gosec // G404: what is traced is no secret
		return trace.ContextWithSpan(ctx, untraced), untraced
	}
	ctx, span := t.tracer.Start(ctx, name, trace.WithNewRoot(), trace.WithSpanKind(trace.SpanKindServer))
	if span.IsRecording() {
		span.SetAttributes(of, attribute.String("strongroom.interaction_id", interaction))
	}
	return ctx, span
}

// Request sees one HTTP request at the edge, where a trace begins.
func (s Service) Request(ctx context.Context, route, method, interaction string) (context.Context, func(status int)) {
	if s.Telemetry == nil {
		return ctx, nil
	}
	begun, method := time.Now(), verb(method)
	ctx, span := s.root(ctx, method+" "+route, interaction, attribute.String("http.route", route))
	return ctx, func(status int) {
		if span.IsRecording() {
			span.SetAttributes(attribute.Int("http.response.status_code", status))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, "")
			}
		}
		span.End()
		if s.metrics != nil {
			if isFaultStatus(status) {
				s.fault(ctx)
			}
			s.metrics.http.Record(ctx, seconds(begun), s.metrics.set(httpLabels, route, method, strconv.Itoa(status)))
		}
	}
}

// verb keeps a method of the sender's own out of labels and of names of spans: there
// would be a series for each.
func verb(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}
