package rpc

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// ServerInterceptor is what stands before every handler of a service, in either
// rendering: the caller's name, the caller table, a deadline, the envelope, and
// behind it one line of log for each refusal, of which the watchers hear too.
func ServerInterceptor(self Name, set *issuer.Set, log *slog.Logger, watchers ...Watcher) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (response any, err error) {
		defer survive(ctx, log, info.FullMethod, &err)
		caller, ok := callerOf(ctx)
		asksHealth := info.FullMethod == healthCheck && mayAskHealth(caller, self)
		if permitted := asksHealth || allowed(caller, info.FullMethod); !ok || !permitted {
			log.WarnContext(ctx, "call refused", "service", self, "method", info.FullMethod, "caller", caller)
			tell(ctx, watchers, Refusal{Method: info.FullMethod, Caller: caller, Code: codes.PermissionDenied.String()})
			return nil, status.Errorf(codes.PermissionDenied, "%q may not call %s", caller, info.FullMethod)
		}
		opened, err := accept(ctx, caller, set, request, asksHealth)
		if err != nil {
			tell(ctx, watchers, Refusal{Method: info.FullMethod, Caller: caller, Code: status.Code(err).String()})
			log.ErrorContext(ctx, "call refused", "service", self, "method", info.FullMethod, "caller", caller, "cause", err)
			return nil, err
		}
		if asksHealth {
			return handler(opened, request)
		}
		ctx, done := begin(opened, watchers, info.FullMethod, request)
		response, err = handle(ctx, log, request, info.FullMethod, handler)
		if err != nil {
			logRefusal(ctx, log, info.FullMethod, err)
			Concerns(ctx, claimed(ctx, request))
			refusal := RefusalOf(err, info.FullMethod, caller)
			tell(ctx, watchers, refusal)
			done(&refusal)
			return nil, toStatus(err)
		}
		done(nil)
		return response, nil
	}
}

// Unread stands for a message that could not be read: a server that passes it to the
// interceptor has the call refused like any other, in the log and before the watchers.
type Unread struct{}

// accept demands what every call has: a deadline, a message and, but for health, an
// envelope, which it opens.
func accept(ctx context.Context, caller Name, set *issuer.Set, request any, asksHealth bool) (context.Context, error) {
	if _, ok := ctx.Deadline(); !ok {
		return nil, status.Error(codes.InvalidArgument, "the call has no deadline")
	}
	if _, ok := request.(Unread); ok {
		return nil, status.Error(codes.InvalidArgument, "the message cannot be read")
	}
	if asksHealth {
		return ctx, nil
	}
	return open(WithCaller(receiveTrace(ctx), caller), set, request)
}

// handle calls a handler. One that panics has refused like any other, so that watchers
// hear of it.
func handle(ctx context.Context, log *slog.Logger, request any, method string, handler grpc.UnaryHandler) (response any, err error) {
	defer survive(ctx, log, method, &err)
	return handler(ctx, request)
}

// survive keeps a panic from ending the process, which gRPC does not.
func survive(ctx context.Context, log *slog.Logger, method string, err *error) {
	if fault := recover(); fault != nil {
		log.ErrorContext(ctx, "handler panicked", "method", method, "panic", fault, "stack", string(debug.Stack()))
		*err = status.Error(codes.Internal, "internal error")
	}
}

// callerOf is who calls: as recorded by the in-process transport, else the one
// DNS name in the certificate of the TLS peer.
func callerOf(ctx context.Context) (Name, bool) {
	if name, ok := Caller(ctx); ok {
		return name, true
	}
	p, ok := peer.FromContext(ctx)
	if !ok {
		return "", false
	}
	info, ok := p.AuthInfo.(credentials.TLSInfo)
	if !ok || len(info.State.VerifiedChains) == 0 {
		return "", false
	}
	names := info.State.PeerCertificates[0].DNSNames
	if len(names) != 1 {
		return "", false
	}
	return Name(names[0]), true
}

// logRefusal writes one line: which rule refused, why, and in which interaction.
// Causes are made without secrets.
func logRefusal(ctx context.Context, log *slog.Logger, method string, err error) {
	scope := From(ctx)
	attrs := []any{"method", method, "issuer", scope.Issuer.Name, "interaction_id", scope.InteractionID()}
	refusal, ok := oauth.AsError(err)
	if !ok {
		log.ErrorContext(ctx, "call failed", append(attrs, "cause", err)...)
		return
	}
	attrs = append(attrs, "error", refusal.Code, "rule", refusal.Rule, "description", refusal.Description)
	if cause := errors.Unwrap(refusal); cause != nil {
		attrs = append(attrs, "cause", cause)
	}
	log.InfoContext(ctx, "refused", attrs...)
}
