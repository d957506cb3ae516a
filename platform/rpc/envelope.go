package rpc

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// enveloped is every request message.
type enveloped interface{ GetCall() *rpcv1.Call }

// Scope is what a call is about: which issuer, and which HTTP request at the
// edge it serves.
type Scope struct {
	Issuer *issuer.Issuer
	call   *rpcv1.Call
	about  *about
}

// about is what becomes known of a call while it is handled.
type about struct{ clientID, grantID, authorizationID string }

// Attempt is the id under which what is spent once is spent.
func (s Scope) Attempt() string { return s.call.GetAttemptId() }

// InteractionID is the x-fapi-interaction-id of the HTTP request.
func (s Scope) InteractionID() string { return s.call.GetInteractionId() }

// Call is the envelope for the next call in the chain.
func (s Scope) Call() *rpcv1.Call { return s.call }

// ClientID is the client that the call concerns, as far as Concerns has told.
func (s Scope) ClientID() string {
	if s.about == nil {
		return ""
	}
	return s.about.clientID
}

// Grant is the grant and the authorization under it that the call concerns, as far as
// ConcernsGrant has told.
func (s Scope) Grant() (grantID, authorizationID string) {
	if s.about == nil {
		return "", ""
	}
	return s.about.grantID, s.about.authorizationID
}

type scopeKey struct{}

// From is the scope of the call that ctx belongs to. It is there in every
// handler; asking outside of one is a fault of the program.
func From(ctx context.Context) Scope {
	return ctx.Value(scopeKey{}).(Scope)
}

// Find is From where there may be no call.
func Find(ctx context.Context) (Scope, bool) {
	scope, ok := ctx.Value(scopeKey{}).(Scope)
	return scope, ok
}

// Concerns tells which client a call is about, as soon as the handler knows: the
// audit trail names it, with a refusal too. Nothing may depend on it.
func Concerns(ctx context.Context, clientID string) {
	if scope, ok := Find(ctx); ok && scope.about != nil {
		scope.about.clientID = clientID
	}
}

// ConcernsGrant tells what a call is about below its client, as far as the handler
// knows; either may be empty. Nothing may depend on it.
func ConcernsGrant(ctx context.Context, grantID, authorizationID string) {
	if scope, ok := Find(ctx); ok && scope.about != nil {
		scope.about.grantID, scope.about.authorizationID = grantID, authorizationID
	}
}

// NewScope makes the scope of one HTTP request: for the gateway, and for a listener
// for operators.
func NewScope(set *issuer.Set, i *issuer.Issuer, attempt, interaction string) Scope {
	return Scope{Issuer: i, call: &rpcv1.Call{Issuer: i.Name, IssuerSet: set.Digest(), AttemptId: attempt, InteractionId: interaction}, about: &about{}}
}

// WithScope puts a scope into ctx: for the gateway, and for work that begins
// outside of a call.
func WithScope(ctx context.Context, s Scope) context.Context {
	return context.WithValue(ctx, scopeKey{}, s)
}

// open checks a request's envelope and puts its scope into ctx.
func open(ctx context.Context, set *issuer.Set, request any) (context.Context, error) {
	message, ok := request.(enveloped)
	if !ok || message.GetCall() == nil || message.GetCall().GetAttemptId() == "" {
		return nil, status.Error(codes.InvalidArgument, "the request has no call envelope")
	}
	call := message.GetCall()
	if call.GetIssuerSet() != set.Digest() {
		return nil, status.Error(codes.FailedPrecondition,
			fmt.Sprintf("caller and callee were given different issuers: set %x called, set %x is loaded here", call.GetIssuerSet(), set.Digest()))
	}
	i, ok := set.ByName(call.GetIssuer())
	if !ok {
		return nil, status.Error(codes.InvalidArgument, "the issuer is unknown")
	}
	return WithScope(ctx, Scope{Issuer: i, call: call, about: &about{}}), nil
}
