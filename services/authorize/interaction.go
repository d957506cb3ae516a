package authorize

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// interactions implements InteractionService for the bank's app.
type interactions struct {
	interactionv1.UnimplementedInteractionServiceServer
	*Service
}

const (
	// interactionTimeout bounds one call of the app.
	interactionTimeout = 5 * time.Second
	// interactionBody bounds a request of the app, in bytes.
	interactionBody = 64 << 10
)

// serveInteractions serves gRPC and REST on one listener, by mutual TLS.
func (s *Service) serveInteractions(ctx context.Context) error {
	tlsConfig, err := s.cfg.Interaction.TLS.ServerTLS(s.log, "h2", "http/1.1")
	if err != nil {
		return err
	}
	handler, err := s.interactionHandler(ctx)
	if err != nil {
		return err
	}
	return https.Server{TLS: tlsConfig, Handler: handler, Log: s.log}.Serve(ctx, s.sockets)
}

// interactionHandler admits callers by the table and hands them to gRPC or to
// its REST rendering. Both pass the same interceptor.
func (s *Service) interactionHandler(ctx context.Context) (http.Handler, error) {
	api := &interactions{Service: s}
	rpcServer := grpc.NewServer(grpc.MaxRecvMsgSize(interactionBody), grpc.UnaryInterceptor(api.intercept))
	inside := inproc.NewServer(api.intercept)
	for _, server := range []grpc.ServiceRegistrar{rpcServer, inside} {
		interactionv1.RegisterInteractionServiceServer(server, api)
	}
	rest, err := s.restFace(ctx, inside.Face())
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := &appCall{interaction: interactionID(r)}
		w.Header().Set(interactionHeader, call.interaction)
		r = r.WithContext(context.WithValue(r.Context(), appCallKey{}, call))
		var ok bool
		if call.caller, ok = s.interactionCaller(r); !ok {
			s.observe(w, r, noRoute, s.refuseCaller)
			return
		}
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			s.observe(w, r, rpcRoute(r.URL.Path), func(w http.ResponseWriter, r *http.Request) {
				rpcServer.ServeHTTP(w, r)
				s.unreached(r, rpcRoute(r.URL.Path), rpcCode(w.Header()))
			})
			return
		}
		r.Header.Del("Grpc-Timeout")
		r.Body = http.MaxBytesReader(w, r.Body, interactionBody)
		w.Header().Set("Cache-Control", "no-store")
		rest.ServeHTTP(w, r)
	}), nil
}

// rpcRoute is the path of a method, where it is one.
func rpcRoute(path string) string {
	name, ok := strings.CutPrefix(path, "/"+interactionv1.InteractionService_ServiceDesc.ServiceName+"/")
	for _, method := range interactionv1.InteractionService_ServiceDesc.Methods {
		if ok && method.MethodName == name {
			return path
		}
	}
	return noRoute
}

// rpcCode is the code that gRPC answered, which is in a trailer. A request that is none
// of gRPC's has a status of HTTP alone.
func rpcCode(trailer http.Header) codes.Code {
	if code, err := strconv.ParseUint(trailer.Get("Grpc-Status"), 10, 32); err == nil && code > 0 {
		return codes.Code(code)
	}
	return codes.InvalidArgument
}

// unreached writes down a request that was refused before it reached a method: there is
// none of its name, or it cannot be read. No interceptor sees those. What the parser
// says may quote the body.
func (s *Service) unreached(r *http.Request, route string, code codes.Code) {
	if !appCallOf(r.Context()).reached.Load() {
		s.refused(r.Context(), r.Method+" "+route, refuse(code, "it reaches no method"))
	}
}

// observe shows a request to telemetry, where a trace begins.
func (s *Service) observe(w http.ResponseWriter, r *http.Request, route string, serve http.HandlerFunc) {
	ctx, done := s.told.Request(r.Context(), route, r.Method, appCallOf(r.Context()).interaction)
	if done == nil {
		serve(w, r)
		return
	}
	seen := https.Answers(w)
	defer func() { done(seen.Status) }()
	serve(seen, r.WithContext(ctx))
}

const interactionHeader = "X-Fapi-Interaction-Id"

// interactionID is the app's own where it is a UUID, else a new one, so that a call
// is found in both parties' logs (WIRE-11).
func interactionID(r *http.Request) string {
	if sent := r.Header.Get(interactionHeader); len(sent) == 36 {
		if id, err := uuid.Parse(sent); err == nil && strings.EqualFold(id.String(), sent) {
			return sent
		}
	}
	return uuid.NewString()
}

// refuseCaller answers who is not in the table, whatever they asked for.
func (s *Service) refuseCaller(w http.ResponseWriter, r *http.Request) {
	call := appCallOf(r.Context())
	call.caller.DNSName = strings.Join(r.TLS.PeerCertificates[0].DNSNames, " ")
	s.refused(r.Context(), r.Method+" "+noRoute, errUnlisted)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusForbidden)
	_, _ = io.WriteString(w, `{"message":"`+errUnlisted.text+`"}`)
}

// interactionCaller finds the TLS peer in the caller table.
func (s *Service) interactionCaller(r *http.Request) (InteractionCaller, bool) {
	if r.TLS == nil || len(r.TLS.VerifiedChains) == 0 || len(r.TLS.PeerCertificates[0].DNSNames) != 1 {
		return InteractionCaller{}, false
	}
	name := r.TLS.PeerCertificates[0].DNSNames[0]
	for _, caller := range s.cfg.Interaction.Callers {
		if caller.DNSName == name {
			return caller, true
		}
	}
	return InteractionCaller{}, false
}

// find is the interaction of a ticket, whose browser has not come back yet: until then
// an app that could not be told so reads and answers it again.
func (i *interactions) find(ctx context.Context, ticket string) (string, store.Session, error) {
	id, secret := split(ticket)
	if id == "" {
		return "", store.Session{}, errInteraction
	}
	session, found, err := i.sessions.Get(ctx, rpc.From(ctx).Issuer.Name, id)
	if err != nil {
		return "", store.Session{}, err
	}
	if !found || !session.TicketIs(secret) || !i.clock.Now().Before(session.Expires) {
		return "", store.Session{}, errInteraction
	}
	rpc.Concerns(ctx, session.ClientID)
	rpc.ConcernsGrant(ctx, "", authorizationID(id))
	if session.EndedBy != "" {
		return "", store.Session{}, errAnswered
	}
	return id, session, nil
}
