package authorize

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"

	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// restFace is the API as REST, over a connection that passes its interceptor.
func (s *Service) restFace(ctx context.Context, inside grpc.ClientConnInterface) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithMiddlewares(s.observeRoute),
		runtime.WithErrorHandler(s.restError),
		runtime.WithRoutingErrorHandler(s.unrouted),
	)
	return mux, interactionv1.RegisterInteractionServiceHandlerClient(ctx, mux, interactionv1.NewInteractionServiceClient(inside))
}

// noRoute names a request in metrics that no route serves. What a request says itself
// is no label: a path holds tickets and the names of users.
const noRoute = "other"

// routeOf is the route's pattern, as the OpenAPI document has it.
func routeOf(ctx context.Context) string {
	pattern, ok := runtime.HTTPPattern(ctx)
	if !ok {
		return noRoute
	}
	return strings.ReplaceAll(pattern.String(), "=*}", "}")
}

// observeRoute shows each request that a route serves to telemetry.
func (s *Service) observeRoute(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		s.observe(w, r, routeOf(r.Context()), func(w http.ResponseWriter, r *http.Request) { next(w, r, path) })
	}
}

// unrouted answers what no route serves.
func (s *Service) unrouted(ctx context.Context, mux *runtime.ServeMux, m runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int) {
	s.observe(w, r, noRoute, func(w http.ResponseWriter, r *http.Request) {
		runtime.DefaultRoutingErrorHandler(ctx, mux, m, w, r, httpStatus)
	})
}

// restError writes an error, and writes it down where no method was reached.
func (s *Service) restError(ctx context.Context, mux *runtime.ServeMux, m runtime.Marshaler, w http.ResponseWriter, r *http.Request, err error) {
	s.unreached(r, routeOf(r.Context()), status.Code(err))
	for _, detail := range status.Convert(err).Details() {
		if refusal, ok := detail.(*rpcv1.OAuthError); ok && refusal.GetRetryAfter() > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(refusal.GetRetryAfter())))
		}
	}
	runtime.DefaultHTTPErrorHandler(ctx, mux, m, w, r, err)
}
