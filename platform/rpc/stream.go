package rpc

import (
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// StreamInterceptor stands before the streams of a service as ServerInterceptor does
// before its calls. There is one, by which callers watch its health.
func StreamInterceptor(self Name, log *slog.Logger, watchers ...Watcher) grpc.StreamServerInterceptor {
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		ctx := stream.Context()
		caller, ok := callerOf(ctx)
		if !ok || info.FullMethod != healthWatch || !mayWatchHealth(caller, self) {
			log.WarnContext(ctx, "call refused", "service", self, "method", info.FullMethod, "caller", caller)
			tell(ctx, watchers, Refusal{Method: info.FullMethod, Caller: caller, Code: codes.PermissionDenied.String()})
			return status.Errorf(codes.PermissionDenied, "%q may not call %s", caller, info.FullMethod)
		}
		return handler(server, stream)
	}
}
