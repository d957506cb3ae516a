package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// reserve is what a caller keeps of its own time, so that it can still
	// say what timed out.
	reserve = 20 * time.Millisecond
	// attempts is how often a call is sent at most.
	attempts = 3
	// pause before sending again; doubled each time.
	pause = 25 * time.Millisecond
)

// ClientInterceptor shaves the deadline at each hop, sends again what may be
// sent again, and turns statuses into refusals.
func ClientInterceptor(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return Invoke(ctx, method, func(ctx context.Context) error {
		return invoke(ctx, method, request, reply, conn, opts...)
	})
}

// Invoke is ClientInterceptor for any transport: send makes one attempt.
func Invoke(ctx context.Context, method string, send func(context.Context) error) error {
	if deadline, ok := ctx.Deadline(); ok {
		shaved, cancel := context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
		ctx = shaved
	}
	wait := pause
	for attempt := 1; ; attempt++ {
		err := send(ctx)
		if err == nil {
			return nil
		}
		if !again(err) || !methods[method].Retry || attempt == attempts || !sleep(ctx, wait) {
			return fromStatus(err)
		}
		wait *= 2
	}
}

// again tells whether a failure may be cured by sending again: the callee was
// not reached, or its reply was lost. An Unavailable with a detail is the
// callee's own refusal and stands.
func again(err error) bool {
	st := status.Convert(err)
	return st.Code() == codes.Unavailable && len(st.Proto().GetDetails()) == 0
}

func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
