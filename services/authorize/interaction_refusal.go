package authorize

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// appRefusal is why a call of the bank's app is not let through: a status, which says
// more than the errors of OAuth do, and the rule behind it.
type appRefusal struct {
	code       codes.Code
	text, rule string
}

// refuse is a refusal without a rule.
func refuse(code codes.Code, text string) *appRefusal { return &appRefusal{code: code, text: text} }

// By is a copy that names the rule that refused.
func (r *appRefusal) By(rule string) *appRefusal { return &appRefusal{r.code, r.text, rule} }

// Error is for logs.
func (r *appRefusal) Error() string { return named(r.text, r.rule) }

// GRPCStatus is what the app gets.
func (r *appRefusal) GRPCStatus() *status.Status { return status.New(r.code, r.Error()) }

func named(text, rule string) string {
	if rule == "" {
		return text
	}
	return text + " [" + rule + "]"
}

var (
	errUnlisted    = refuse(codes.PermissionDenied, "this certificate may not call the interaction API")
	errIssuer      = refuse(codes.PermissionDenied, "this caller may not act for this issuer")
	errInteraction = refuse(codes.NotFound, "no such interaction: the ticket is unknown or has expired").By("AZ-6")
	errAnswered    = refuse(codes.FailedPrecondition, "the interaction was answered already").By("AZ-6")
	errNoGrant     = refuse(codes.NotFound, "the user has no such grant")
)

// appStatus is an error as the app sees it. Of a cause it says nothing.
func appStatus(err error) error {
	if refusal, ok := oauth.AsError(err); ok {
		st, detailErr := status.New(rpc.StatusCode(refusal), named(refusal.Description, refusal.Rule)).WithDetails(&rpcv1.OAuthError{
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
		return appStatus(oauth.Unavailable(1))
	}
	return status.Error(codes.Internal, "internal error")
}

// refusalOf is an error as the trail and telemetry name it.
func refusalOf(err error, method string, caller InteractionCaller) rpc.Refusal {
	refusal := rpc.Refusal{Method: method, Caller: rpc.Name(caller.DNSName), Code: status.Code(appStatus(err)).String()}
	if own, ok := errors.AsType[*appRefusal](err); ok {
		refusal.Rule = own.rule
	}
	if e, ok := oauth.AsError(err); ok {
		refusal.Code, refusal.Rule = e.Code, e.Rule
	}
	return refusal
}
