package operators

import (
	"context"
	"errors"
	"fmt"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// Errors of who may not.
var (
	errRole    = status.Error(codes.PermissionDenied, "your role may not call this: it takes the role operator")
	errIssuer  = status.Error(codes.PermissionDenied, "there is no such issuer, or you may not act for it")
	errUnknown = status.Error(codes.InvalidArgument, "the request has a field that this server does not know")
)

// intercept stands before every method: the role, unknown fields, the issuer, and
// behind it the audit trail and telemetry.
func (e *Edge) intercept(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (response any, err error) {
	callOf(ctx).reached.Store(true)
	caller := From(ctx)
	ctx, done := e.Telemetry.Call(ctx, info.FullMethod, interactionOf(ctx))
	opened, err := e.open(ctx, caller, request, info.FullMethod)
	if err == nil {
		response, err = e.handle(opened, request, info.FullMethod, handler)
	}
	e.record(opened, caller, info.FullMethod, request, err)
	if err != nil {
		refusal := refusalOf(err)
		if refusal.Rule != "" {
			e.Telemetry.Refused(opened, refusal)
		}
		done(&refusal)
		return nil, toStatus(err)
	}
	done(nil)
	return response, nil
}

// refusalOf is an error as the trail and telemetry name it.
func refusalOf(err error) rpc.Refusal {
	if refusal, ok := oauth.AsError(err); ok {
		return rpc.Refusal{Code: refusal.Code, Rule: refusal.Rule}
	}
	return rpc.Refusal{Code: status.Code(toStatus(err)).String()}
}

// open lets a call in, and puts the scope into ctx of one that is about an issuer. What
// is counted, counts once the caller may call it.
func (e *Edge) open(ctx context.Context, caller Caller, request any, method string) (context.Context, error) {
	if !permits(caller.Role, method) {
		return ctx, errRole
	}
	message, ok := request.(proto.Message)
	if !ok || len(message.ProtoReflect().GetUnknown()) > 0 {
		return ctx, errUnknown
	}
	about, ok := request.(interface{ GetIssuer() string })
	if !ok {
		return ctx, nil
	}
	issuer, ok := e.Issuers.ByName(about.GetIssuer())
	if !ok || !caller.MayActFor(issuer.Name) {
		return ctx, errIssuer
	}
	ctx = rpc.WithScope(ctx, rpc.NewScope(e.Issuers, issuer, oauth.NewID(), interactionOf(ctx)))
	rpc.Concerns(ctx, short(client(request)))
	if slices.Contains(checks, method) {
		return ctx, e.CountCheck(ctx, caller.Name)
	}
	return ctx, nil
}

// handle keeps a fault of one call from ending the process: gRPC does not.
func (e *Edge) handle(ctx context.Context, request any, method string, handler grpc.UnaryHandler) (response any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			e.Log.ErrorContext(ctx, "handler panicked", "method", method, "panic", fault, "stack", string(debug.Stack()))
			response, err = nil, status.Error(codes.Internal, "internal error")
		}
	}()
	return handler(ctx, request)
}

func client(request any) string {
	if about, ok := request.(interface{ GetClientId() string }); ok {
		return about.GetClientId()
	}
	return ""
}

// record writes a call down: who, what, about which client, and what came of it.
func (e *Edge) record(ctx context.Context, caller Caller, method string, request any, outcome error) {
	interaction := interactionOf(ctx)
	event := audit.Event{Kind: audit.OperatorCalled, Actor: caller.Name, Method: method, InteractionID: interaction, ClientID: client(request)}
	if about, ok := request.(interface{ GetIssuer() string }); ok {
		event.Issuer = about.GetIssuer()
	}
	event.Issuer, event.ClientID = short(event.Issuer), short(event.ClientID)
	attrs := []any{"method", path.Base(method), "operator", caller.Name, "issuer", event.Issuer, "client_id", event.ClientID, "interaction_id", interaction}
	if outcome == nil {
		e.Log.InfoContext(ctx, "operator called", attrs...)
		// What it changed is told by an event of its own. This one may wait: what ends a
		// client must not be held up by a full disk.
		_ = e.Audit.Record(ctx, event)
		return
	}
	refusal := refusalOf(outcome)
	event.Error, event.Rule = refusal.Code, refusal.Rule
	e.Log.WarnContext(ctx, "operator refused", append(attrs, "cause", outcome)...)
	e.refused(ctx, event)
}

// short bounds what a caller wrote before it goes into a log.
func short(text string) string {
	const most = 256 // bytes; every name that there is fits
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

// patience is how long the trail of a refusal is waited for: whoever is refused
// must not hold the service up.
const patience = 100 * time.Millisecond

func (e *Edge) refused(ctx context.Context, event audit.Event) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	event.Kind = audit.Refused
	_ = e.Audit.Record(ctx, event) // what is lost is counted and in the log
}

// toStatus is an error as an operator sees it: the refusal that a client would get,
// with its rule, or a word.
func toStatus(err error) error {
	if refusal, ok := oauth.AsError(err); ok {
		text := refusal.Code + ": " + refusal.Description
		if refusal.Rule != "" {
			text += " [" + refusal.Rule + "]"
		}
		if refusal.RetryAfter > 0 {
			text += fmt.Sprintf("; come again in %d s", refusal.RetryAfter)
		}
		st, detailErr := status.New(statusCode(refusal), text).WithDetails(&rpcv1.OAuthError{
			Error: refusal.Code, ErrorDescription: refusal.Description, Rule: refusal.Rule, RetryAfter: int32(refusal.RetryAfter),
		})
		if detailErr == nil {
			return st.Err()
		}
	}
	var own interface{ GRPCStatus() *status.Status }
	switch {
	case errors.As(err, &own):
		return own.GRPCStatus().Err()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return status.FromContextError(err).Err()
	}
	return status.Error(codes.Internal, "internal error: the log of clientreg names the cause")
}

// statusCode is that between services, but for a client's credential that is not
// good: it is not the operator who has not proved himself.
func statusCode(e *oauth.Error) codes.Code {
	if code := rpc.StatusCode(e); code != codes.Unauthenticated {
		return code
	}
	return codes.InvalidArgument
}
