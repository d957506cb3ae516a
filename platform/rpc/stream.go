package rpc

import (
	"log/slog"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// StreamInterceptor stands before the streams of a service as ServerInterceptor does
// before its calls. There is one, by which callers watch its health. A call of a method
// that does not exist comes here, too.
func StreamInterceptor(self Name, log *slog.Logger, watchers ...Watcher) grpc.StreamServerInterceptor {
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		ctx := stream.Context()
		caller, ok := callerOf(ctx)
		if !ok || info.FullMethod != healthWatch || !mayWatchHealth(caller, self) {
			method := named(info.FullMethod)
			log.WarnContext(ctx, "call refused", "service", self, "method", method, "caller", caller)
			tell(ctx, watchers, Refusal{Method: method, Caller: caller, Code: codes.PermissionDenied.String()})
			return status.Errorf(codes.PermissionDenied, "%q may not call %s", caller, method)
		}
		return handler(server, stream)
	}
}

// named bounds what a caller wrote before it goes into a log, in bytes; every method that
// there is fits.
func named(method string) string {
	const most = 256
	return strings.ToValidUTF8(method[:min(len(method), most)], "")
}
