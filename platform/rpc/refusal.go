package rpc

import (
	"cmp"
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// Refusal is a request or a call that a service did not let through.
type Refusal struct {
	// Method is the RPC, or at the edge the HTTP method and the route.
	Method string
	// Caller is who asked; empty at the edge.
	Caller Name
	// Code is the OAuth error code, or the name of a gRPC status where it was
	// no request of a client that was refused.
	Code string
	// Rule names the requirement that refused, such as SP2-25.
	Rule string
	// PassedOn tells that another service refused, which has told of it.
	PassedOn bool
}

// Watcher hears of every refusal, such as the audit trail.
type Watcher interface {
	Refused(context.Context, Refusal)
}

func tell(ctx context.Context, watchers []Watcher, refusal Refusal) {
	for _, w := range watchers {
		w.Refused(ctx, refusal)
	}
}

// RefusalOf is what watchers hear of an error.
func RefusalOf(err error, method string, caller Name) Refusal {
	refusal := Refusal{Method: method, Caller: caller, PassedOn: errors.Is(err, ErrPassedOn)}
	if e, ok := oauth.AsError(err); ok {
		refusal.Code, refusal.Rule = e.Code, e.Rule
		return refusal
	}
	refusal.Code = oauth.CodeServerError
	if code := status.Code(toStatus(err)); code != codes.Internal {
		refusal.Code = code.String()
	}
	return refusal
}

// claimed is the client that a call concerns: as the handler told, else as the
// request claims.
func claimed(ctx context.Context, request any) string {
	var claims string
	switch r := request.(type) {
	case interface{ GetForm() *rpcv1.Form }:
		claims = r.GetForm().GetCredentials().GetClientId()
	case interface{ GetCredentials() *rpcv1.Credentials }:
		claims = r.GetCredentials().GetClientId()
	case interface{ GetClientId() string }:
		claims = r.GetClientId()
	case interface{ GetParams() map[string]string }:
		claims = r.GetParams()[oauth.ParamClientID]
	}
	return cmp.Or(From(ctx).ClientID(), claims)
}
