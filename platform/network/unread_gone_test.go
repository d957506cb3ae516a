package network

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// TestWhoGoesAwayIsNotTold: a call that its caller gave up while it was sent is nobody's
// fault.
func TestWhoGoesAwayIsNotTold(t *testing.T) {
	for code, want := range map[codes.Code]int{
		codes.OK: 0, codes.Canceled: 0, codes.DeadlineExceeded: 0, codes.Unavailable: 0,
		codes.Internal: 1, codes.ResourceExhausted: 1, codes.Unimplemented: 1,
	} {
		told := 0
		interceptor := func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			told++
			return handler(ctx, request)
		}
		handle := toldOf{interceptor: interceptor}.handler("/a.v1.B/C", func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			return nil, decode(nil)
		})
		_, err := handle(nil, t.Context(), func(any) error { return status.Error(code, "") }, nil)
		if told != want || (err == nil) != (code == codes.OK) {
			t.Errorf("%s: told %d times, %v", code, told, err)
		}
	}
}
