package network

import (
	"context"
	"slices"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// toldOf registers services so that the interceptor hears of a message that cannot be
// read: it is no protobuf, too large, or none at all. gRPC refuses it by itself, and
// nobody would learn who sent it.
type toldOf struct {
	*grpc.Server
	interceptor grpc.UnaryServerInterceptor
}

// RegisterService takes in a generated service.
func (t toldOf) RegisterService(desc *grpc.ServiceDesc, service any) {
	told := *desc
	told.Methods = slices.Clone(desc.Methods)
	for n, method := range told.Methods {
		told.Methods[n].Handler = t.handler("/"+desc.ServiceName+"/"+method.MethodName, method.Handler)
	}
	t.Server.RegisterService(&told, service)
}

func (t toldOf) handler(name string, handle grpc.MethodHandler) grpc.MethodHandler {
	return func(service any, ctx context.Context, decode func(any) error, interceptor grpc.UnaryServerInterceptor) (any, error) {
		var fault error
		response, err := handle(service, ctx, func(into any) error {
			fault = decode(into)
			return fault
		}, interceptor)
		if isUnread(fault) {
			return t.interceptor(ctx, rpc.Unread{}, &grpc.UnaryServerInfo{Server: service, FullMethod: name}, unread)
		}
		return response, err
	}
}

// isUnread tells a fault of a message from a caller that went away.
func isUnread(fault error) bool {
	switch status.Code(fault) {
	case codes.OK, codes.Canceled, codes.DeadlineExceeded, codes.Unavailable:
		return false
	}
	return true
}

// unread is behind an interceptor that lets such a message through.
func unread(context.Context, any) (any, error) {
	return nil, status.Error(codes.InvalidArgument, "the message cannot be read")
}

// unknown is behind the interceptor of streams, which refuses and tells of it.
func unknown(any, grpc.ServerStream) error {
	return status.Error(codes.Unimplemented, "there is no such method")
}
