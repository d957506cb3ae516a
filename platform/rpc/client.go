package rpc

import (
	"context"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// reserve is what a caller keeps of its own time, so that it can still
	// say what timed out.
	reserve = 20 * time.Millisecond
	// pause before sending again, from half of it to one and a half, so that
	// callers who lost the same replica do not come back together.
	pause = 30 * time.Millisecond
)

// ClientInterceptor shaves the deadline at each hop, sends once more what may be
// sent again, and turns statuses into refusals.
func ClientInterceptor(ctx context.Context, method string, request, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	return Invoke(sendTrace(ctx), method, func(ctx context.Context) error {
		return invoke(ctx, method, request, reply, conn, opts...)
	})
}

// Invoke is ClientInterceptor for any transport: send makes one attempt. It is
// sent a second time at most, and under the same attempt id, for that is in the
// message: more would multiply over the hops where a service is overwhelmed.
func Invoke(ctx context.Context, method string, send func(context.Context) error) error {
	if deadline, ok := ctx.Deadline(); ok {
		shaved, cancel := context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
		ctx = shaved
	}
	err := send(ctx)
	if err != nil && again(err) && methods[method].Retry && sleep(ctx, jitter(pause)) {
		err = send(ctx)
	}
	if err != nil {
		return fromStatus(err)
	}
	return nil
}

// jitter is from half of d to one and a half of it.
func jitter(d time.Duration) time.Duration {
	return d/2 + rand.N(d) //nolint:gosec // G404: a pause is no secret
}

// again tells whether a failure may be cured by sending again: the callee was
// not reached, or its reply was lost. An Unavailable with a detail is the
// callee's own refusal and stands.
func again(err error) bool {
	st := status.Convert(err)
	return st.Code() == codes.Unavailable && len(st.Proto().GetDetails()) == 0
}

// sleep waits, and answers whether time is left for more. Where the budget ends
// before the pause would, it does not wait for nothing.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
