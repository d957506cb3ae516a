package operators

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// maxBody bounds a request, in bytes: 1 MiB of metadata within JSON, and a chain.
const maxBody = 3 << 20

// Edge stands before the admin API.
type Edge struct {
	Callers []Caller
	Issuers *issuer.Set
	Log     *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit *audit.Recorder
	// Telemetry sees every call of who is an operator.
	Telemetry telemetry.Service
	// CountCheck counts a check by an operator, by name, at the issuer of ctx; it
	// refuses what is over the limit.
	CountCheck func(ctx context.Context, operator string) error
}

// Handler serves an API over gRPC and as REST. Both pass the same interceptor.
func (e *Edge) Handler(ctx context.Context, api adminv1.AdminServiceServer) (http.Handler, error) {
	rpcServer := grpc.NewServer(grpc.MaxRecvMsgSize(maxBody), grpc.UnaryInterceptor(e.intercept))
	inside := inproc.NewServer(e.intercept)
	for _, server := range []grpc.ServiceRegistrar{rpcServer, inside} {
		adminv1.RegisterAdminServiceServer(server, api)
	}
	rest := runtime.NewServeMux(
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithErrorHandler(answerError),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
			MarshalOptions:   protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true},
			UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
		}),
	)
	if err := adminv1.RegisterAdminServiceHandlerClient(ctx, rest, adminv1.NewAdminServiceClient(inside.Face())); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		interaction := uuid.NewString()
		w.Header().Set("X-Fapi-Interaction-Id", interaction)
		caller, ok := e.admit(w, r, interaction)
		if !ok {
			return
		}
		ctx, cancel := (&call{caller: caller, interaction: interaction}).within(r.Context())
		defer cancel()
		r = r.WithContext(ctx)
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			rpcServer.ServeHTTP(w, r)
		} else {
			serveREST(rest, w, r)
		}
		e.unreached(w, r)
	}), nil
}

func serveREST(rest http.Handler, w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if fault := strict(r); fault != "" {
		refuse(w, http.StatusBadRequest, fault)
		return
	}
	r.Header.Del("Grpc-Timeout")
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	rest.ServeHTTP(w, r)
}

// admit finds the TLS peer in the table of callers.
func (e *Edge) admit(w http.ResponseWriter, r *http.Request, interaction string) (Caller, bool) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 {
		refuse(w, http.StatusForbidden, "a client certificate is required")
		return Caller{}, false
	}
	leaf := r.TLS.PeerCertificates[0]
	caller, ok := find(e.Callers, leaf)
	if !ok {
		names := strings.Join(namesOf(leaf), " ")
		e.Log.WarnContext(r.Context(), "operator refused", "names", names, "path", short(r.URL.Path))
		e.Telemetry.Refused(r.Context(), rpc.Refusal{Code: codes.PermissionDenied.String()})
		e.refused(r.Context(), audit.Event{Actor: names, Method: short(r.Method + " " + r.URL.Path), Error: "PermissionDenied", InteractionID: interaction})
		refuse(w, http.StatusForbidden, "this certificate is not one operator's: admin.callers of clientreg lists none of its names, or several")
	}
	return caller, ok
}

// strict refuses what a call would otherwise ignore: a parameter of a query that
// it does not have, or a body.
func strict(r *http.Request) string {
	path := r.URL.Path
	query := r.URL.Query()
	lists := r.Method == http.MethodGet && strings.HasSuffix(path, "/clients")
	for name, values := range query {
		if !lists || !filters[name] || len(values) != 1 {
			return "the query has a parameter that this call does not take, or takes once"
		}
	}
	if r.URL.RawQuery != "" && len(query) == 0 {
		return "the query cannot be read"
	}
	takesBody := r.Method == http.MethodPost && !strings.HasSuffix(path, "/suspend") && !strings.HasSuffix(path, "/resume")
	if !takesBody && r.ContentLength != 0 {
		return "this call takes no body"
	}
	return ""
}

// filters are the parameters of ListClients besides the issuer.
var filters = map[string]bool{"framework": true, "participant": true, "state": true, "page_size": true, "page_token": true}

// refuse answers as the REST face does.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	code := "7" // PermissionDenied
	if status == http.StatusBadRequest {
		code = "3" // InvalidArgument
	}
	_, _ = io.WriteString(w, `{"code":`+code+`, "message":"`+message+`", "details":[]}`)
}
