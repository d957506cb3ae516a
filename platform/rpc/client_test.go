package rpc

import (
	"context"
	"errors"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

var (
	errLost    = status.Error(codes.Unavailable, "lost")
	errRefused = toStatus(oauth.Unavailable(1))
)

// TestRetry: sent again is only what the table allows, and only where the callee
// was not reached or its reply was lost.
func TestRetry(t *testing.T) {
	const once = clientregv1.ClientRegistryService_Register_FullMethodName
	const again = clientregv1.ClientRegistryService_GetClient_FullMethodName
	if methods[once].Retry || !methods[again].Retry {
		t.Fatal("the rows below are about other methods")
	}
	for _, row := range []struct {
		name   string
		method string
		errs   []error // of each attempt; afterwards nil
		sent   int
		fails  bool
	}{
		{"no failure", again, nil, 1, false},
		{"a lost reply", again, []error{errLost}, 2, false},
		{"two lost replies", again, []error{errLost, errLost}, 2, true},
		{"a lost reply of what burns without an attempt id", once, []error{errLost}, 1, true},
		{"a method that is not in the table", "/x/Y", []error{errLost}, 1, true},
		{"the callee's own 503", again, []error{errRefused}, 1, true},
		{"a deadline", again, []error{status.Error(codes.DeadlineExceeded, "")}, 1, true},
		{"an internal error", again, []error{status.Error(codes.Internal, "")}, 1, true},
		{"lost, then refused", again, []error{errLost, errRefused}, 2, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			sent := 0
			err := Invoke(t.Context(), row.method, func(context.Context) error {
				sent++
				if sent <= len(row.errs) {
					return row.errs[sent-1]
				}
				return nil
			})
			if sent != row.sent || (err != nil) != row.fails {
				t.Errorf("sent %d times, %v", sent, err)
			}
			if _, ok := oauth.AsError(err); row.fails && !ok {
				t.Errorf("the error is no refusal: %v", err)
			}
		})
	}
}

func TestRetryEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sent := 0
	err := Invoke(ctx, clientregv1.ClientRegistryService_GetClient_FullMethodName, func(context.Context) error {
		sent++
		cancel()
		return errLost
	})
	if refusal, ok := oauth.AsError(err); sent != 1 || !ok || refusal.HTTPStatus() != 503 {
		t.Errorf("sent %d times, %v", sent, err)
	}
}

// TestRetryNeedsTime: where the budget ends before the pause, nothing is waited
// for and the caller can still say so.
func TestRetryNeedsTime(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), reserve+pause/4)
	defer cancel()
	sent := 0
	err := Invoke(ctx, clientregv1.ClientRegistryService_GetClient_FullMethodName, func(context.Context) error {
		sent++
		return errLost
	})
	if sent != 1 || err == nil || ctx.Err() != nil {
		t.Errorf("sent %d times, %v, the caller's budget: %v", sent, err, ctx.Err())
	}
}

// TestDeadlineIsShaved: a caller keeps time to say what timed out, at each hop.
func TestDeadlineIsShaved(t *testing.T) {
	deadline := time.Now().Add(time.Minute)
	ctx, cancel := context.WithDeadline(t.Context(), deadline)
	defer cancel()
	err := Invoke(ctx, "", func(ctx context.Context) error {
		if first, ok := ctx.Deadline(); !ok || !first.Equal(deadline.Add(-reserve)) {
			t.Errorf("after one hop: %s before", deadline.Sub(first))
		}
		return Invoke(ctx, "", func(ctx context.Context) error {
			if second, _ := ctx.Deadline(); !second.Equal(deadline.Add(-2 * reserve)) {
				t.Errorf("after two hops: %s before", deadline.Sub(second))
			}
			return nil
		})
	})
	if err != nil {
		t.Error(err)
	}
	_ = Invoke(t.Context(), "", func(ctx context.Context) error {
		if made, ok := ctx.Deadline(); ok {
			t.Errorf("a deadline was invented: %s", made)
		}
		return nil
	})
}

// TestFromStatus: a caller always gets a refusal that may travel on to the
// client, and it says whether to try again.
func TestFromStatus(t *testing.T) {
	for code, want := range map[codes.Code]int{
		codes.Unavailable: 503, codes.DeadlineExceeded: 503, codes.ResourceExhausted: 503, codes.Canceled: 503,
		codes.Internal: 500, codes.PermissionDenied: 500, codes.InvalidArgument: 500, codes.FailedPrecondition: 500,
		codes.Unimplemented: 500, codes.Unknown: 500,
	} {
		refusal, ok := oauth.AsError(fromStatus(status.Error(code, "words of the callee")))
		if !ok || refusal.HTTPStatus() != want || (refusal.RetryAfter > 0) != (want == 503) {
			t.Errorf("%s: %+v", code, refusal)
		}
		if cause := errors.Unwrap(refusal); status.Code(cause) != code {
			t.Errorf("%s: the cause for the log is %v", code, cause)
		}
		if refusal != nil && refusal.Description == "words of the callee" {
			t.Errorf("%s: its words reach the client", code)
		}
	}
}
