package operators

import (
	"context"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// call is one request of an operator.
type call struct {
	caller      Caller
	interaction string
	// reached tells that a method was, whose interceptor writes the call down.
	reached atomic.Bool
	// code is that of a refusal by the REST face.
	code codes.Code
}

type callKey struct{}

// callOf is never nil.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// From is who calls. It is there in every handler.
func From(ctx context.Context) Caller { return callOf(ctx).caller }

func interactionOf(ctx context.Context) string { return callOf(ctx).interaction }

// unreached writes down a request that was refused before it reached a method: there
// is none of its name, or it cannot be read. No interceptor sees those.
func (e *Edge) unreached(w http.ResponseWriter, r *http.Request) {
	c := callOf(r.Context())
	if c.reached.Load() {
		return
	}
	code := c.refusedBy(w.Header())
	method := short(r.Method + " " + r.URL.Path)
	e.Log.WarnContext(r.Context(), "operator refused", "method", method, "operator", c.caller.Name, "interaction_id", c.interaction, "cause", code.String())
	e.refused(r.Context(), audit.Event{Actor: c.caller.Name, Method: method, Error: code.String(), InteractionID: c.interaction})
}

// refusedBy is the code that either face answered: gRPC's is in a trailer. A request
// that is none of gRPC's has a status of HTTP alone.
func (c *call) refusedBy(trailer http.Header) codes.Code {
	if c.code != codes.OK {
		return c.code
	}
	if code, err := strconv.ParseUint(trailer.Get("Grpc-Status"), 10, 32); err == nil && code > 0 {
		return codes.Code(code)
	}
	return codes.InvalidArgument
}

// answerError answers an error on the REST face, and when to come again where it is
// known.
func answerError(ctx context.Context, mux *runtime.ServeMux, m runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	callOf(ctx).code = status.Code(err)
	for _, detail := range status.Convert(err).Details() {
		if refusal, ok := detail.(*rpcv1.OAuthError); ok && refusal.GetRetryAfter() > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(refusal.GetRetryAfter())))
		}
	}
	runtime.DefaultHTTPErrorHandler(ctx, mux, m, w, r, err)
}

// within is the context of a request, which ends it in time.
func (c *call) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithValue(ctx, callKey{}, c), timeout)
}

// timeout bounds one call: a check may wait for a directory, and a search for a
// long trail.
const timeout = 15 * time.Second
