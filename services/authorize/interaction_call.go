package authorize

import (
	"context"
	"errors"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// appCall is one call of the bank's app, over gRPC or as REST.
type appCall struct {
	caller      InteractionCaller
	interaction string
	// reached tells that a method was, whose interceptor writes the call down.
	reached atomic.Bool
}

type appCallKey struct{}

func appCallOf(ctx context.Context) *appCall {
	call, ok := ctx.Value(appCallKey{}).(*appCall)
	if !ok {
		return &appCall{}
	}
	return call
}

// actor is the app that calls, as the audit trail names it.
func actor(ctx context.Context) string { return appCallOf(ctx).caller.DNSName }

// intercept stands before every method: the issuer, and behind it the audit trail,
// telemetry and the log. It bounds the call and not the request: gRPC cuts a request
// off whose context has ended, and the app would not be told 503.
func (i *interactions) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (response any, err error) {
	appCallOf(ctx).reached.Store(true)
	ctx, cancel := context.WithTimeout(ctx, interactionTimeout)
	defer cancel()
	ctx, done := i.told.Begin(ctx, info.FullMethod, request)
	if done == nil {
		done = func(*rpc.Refusal) {}
	}
	ctx, err = i.open(ctx, request)
	if err == nil {
		response, err = i.handle(ctx, request, info.FullMethod, handler)
	}
	if err != nil {
		refusal := i.refused(ctx, info.FullMethod, err)
		done(&refusal)
		return nil, appStatus(err)
	}
	done(nil)
	return response, nil
}

// open puts the scope of the issuer into ctx, for a caller that may act for it.
func (i *interactions) open(ctx context.Context, request any) (context.Context, error) {
	about, ok := request.(interface{ GetIssuer() string })
	if !ok {
		return ctx, errIssuer
	}
	of, ok := i.issuers.ByName(about.GetIssuer())
	if !ok {
		return ctx, errIssuer
	}
	call := appCallOf(ctx)
	ctx = rpc.WithScope(ctx, rpc.NewScope(i.issuers, of, oauth.NewID(), call.interaction))
	if !slices.Contains(call.caller.Issuers, of.Name) {
		return ctx, errIssuer
	}
	return ctx, nil
}

// handle keeps a fault of one call from ending the process: gRPC does not.
func (i *interactions) handle(ctx context.Context, request any, method string, handler grpc.UnaryHandler) (response any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			i.log.ErrorContext(ctx, "handler panicked", "method", method, "panic", fault, "stack", string(debug.Stack()))
			response, err = nil, refuse(codes.Internal, "internal error")
		}
	}()
	return handler(ctx, request)
}

// refused writes a refusal down: in the trail, in the counts and in the log.
func (s *Service) refused(ctx context.Context, method string, err error) rpc.Refusal {
	call := appCallOf(ctx)
	refusal := refusalOf(err, method, call.caller)
	s.audit.Refuse(ctx, audit.Event{
		Actor: call.caller.DNSName, Method: method, Error: refusal.Code, Rule: refusal.Rule, InteractionID: call.interaction,
	})
	s.told.Refused(ctx, refusal)
	attrs := []any{"method", method, "caller", call.caller.DNSName, "interaction_id", call.interaction, "error", refusal.Code, "rule", refusal.Rule}
	level := slog.LevelInfo
	switch e, ok := oauth.AsError(err); {
	case ok && errors.Unwrap(e) != nil: // a store that could not answer
		level, attrs = slog.LevelError, append(attrs, "cause", errors.Unwrap(e))
	default:
		attrs = append(attrs, "description", err.Error())
	}
	s.log.Log(ctx, level, "refused", attrs...)
	return refusal
}
