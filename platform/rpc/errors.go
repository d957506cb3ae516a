package rpc

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

// retryAfter is what a client is told, in seconds, when a part of the suite
// cannot answer.
const retryAfter = 1

// toStatus is an error as it leaves a service: a refusal with its detail,
// anything else without a word of its cause.
func toStatus(err error) error {
	if refusal, ok := oauth.AsError(err); ok {
		st, detailErr := status.New(StatusCode(refusal), refusal.Code).WithDetails(&rpcv1.OAuthError{
			Error:            refusal.Code,
			ErrorDescription: refusal.Description,
			Rule:             refusal.Rule,
			HttpStatus:       int32(refusal.Status),
			RetryAfter:       int32(refusal.RetryAfter),
			DpopNonce:        refusal.Nonce,
		})
		if detailErr == nil {
			return st.Err()
		}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, "deadline exceeded")
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, "cancelled")
	}
	// The status alone: status.FromError would take the words around it along.
	var own interface{ GRPCStatus() *status.Status }
	if errors.As(err, &own) {
		return own.GRPCStatus().Err()
	}
	return status.Error(codes.Internal, "internal error")
}

// StatusCode is the gRPC status of a refusal, by its HTTP status.
func StatusCode(e *oauth.Error) codes.Code {
	switch e.HTTPStatus() {
	case 401:
		return codes.Unauthenticated
	case 403:
		return codes.PermissionDenied
	case 429:
		return codes.ResourceExhausted
	case 503:
		return codes.Unavailable
	case 500:
		return codes.Internal
	}
	return codes.InvalidArgument
}

// ErrPassedOn is the cause of a refusal that another service made, logged and
// recorded.
var ErrPassedOn = errors.New("the service that was called refused")

// fromStatus is an error as a caller sees it: always a refusal that may travel
// on to the client.
func fromStatus(err error) error {
	st := status.Convert(err)
	for _, detail := range st.Details() {
		if d, ok := detail.(*rpcv1.OAuthError); ok {
			refusal := &oauth.Error{
				Code:        d.GetError(),
				Description: d.GetErrorDescription(),
				Rule:        d.GetRule(),
				Status:      int(d.GetHttpStatus()),
				RetryAfter:  int(d.GetRetryAfter()),
				Nonce:       d.GetDpopNonce(),
			}
			return refusal.Because(ErrPassedOn)
		}
	}
	switch st.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.ResourceExhausted, codes.Canceled:
		return oauth.Unavailable(retryAfter).Because(st.Err())
	}
	return oauth.New(oauth.CodeServerError, "").Because(st.Err())
}
