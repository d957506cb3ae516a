package authorize

import (
	"context"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/https"
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
// its REST rendering.
func (s *Service) interactionHandler(ctx context.Context) (http.Handler, error) {
	api := &interactions{Service: s}
	rpcServer := grpc.NewServer(grpc.MaxRecvMsgSize(interactionBody), grpc.UnaryInterceptor(api.recover))
	interactionv1.RegisterInteractionServiceServer(rpcServer, api)
	rest := runtime.NewServeMux(
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithIncomingHeaderMatcher(func(string) (string, bool) { return "", false }),
	)
	if err := interactionv1.RegisterInteractionServiceHandlerServer(ctx, rest, api); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		caller, ok := s.interactionCaller(r)
		if !ok {
			s.log.WarnContext(r.Context(), "interaction caller refused", "dns_names", r.TLS.PeerCertificates[0].DNSNames)
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"message":"this certificate may not call the interaction API"}`)
			return
		}
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), callerKey{}, caller), interactionTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		if r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc") {
			rpcServer.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Grpc-Timeout")
		r.Body = http.MaxBytesReader(w, r.Body, interactionBody)
		w.Header().Set("Cache-Control", "no-store")
		rest.ServeHTTP(w, r)
	}), nil
}

// recover keeps a fault of one call from ending the process: gRPC does not.
func (i *interactions) recover(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (response any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			i.log.ErrorContext(ctx, "handler panicked", "method", info.FullMethod, "panic", fault, "stack", string(debug.Stack()))
			response, err = nil, status.Error(codes.Internal, "internal error")
		}
	}()
	return handler(ctx, request)
}

type callerKey struct{}

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

var (
	errInteraction = status.Error(codes.NotFound, "no such interaction: the ticket is unknown or has expired")
	errAnswered    = status.Error(codes.FailedPrecondition, "the interaction was answered already")
)

// find is the open interaction of a ticket, for a caller that may see it.
func (i *interactions) find(ctx context.Context, issuerName, ticket string) (*issuer.Issuer, string, store.Session, error) {
	of, err := i.issuerOf(ctx, issuerName)
	if err != nil {
		return nil, "", store.Session{}, err
	}
	id, secret := split(ticket)
	if id == "" {
		return nil, "", store.Session{}, errInteraction
	}
	session, found, err := i.sessions.Get(ctx, issuerName, id)
	switch {
	case err != nil:
		return nil, "", store.Session{}, i.storeFailed(ctx, err)
	case !found || !session.TicketIs(secret) || !i.clock.Now().Before(session.Expires):
		return nil, "", store.Session{}, errInteraction
	case session.Answer != nil:
		return nil, "", store.Session{}, errAnswered
	}
	return of, id, session, nil
}
