package operators

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// local is a connection to the API in the same process, through the interceptor
// that a call by gRPC passes. The REST face uses it: the handlers that grpc-gateway
// registers on a server itself pass none. What ctx holds stays, for it holds who
// calls.
type local struct {
	handlers    map[string]method
	interceptor grpc.UnaryServerInterceptor
}

type method struct {
	service any
	handle  grpc.MethodHandler
}

func newLocal(interceptor grpc.UnaryServerInterceptor) *local {
	return &local{map[string]method{}, interceptor}
}

// RegisterService takes in a generated service.
func (l *local) RegisterService(desc *grpc.ServiceDesc, service any) {
	for _, m := range desc.Methods {
		l.handlers["/"+desc.ServiceName+"/"+m.MethodName] = method{service, m.Handler}
	}
}

// Invoke makes one call.
func (l *local) Invoke(ctx context.Context, name string, request, reply any, _ ...grpc.CallOption) error {
	m, ok := l.handlers[name]
	if !ok {
		return status.Error(codes.Unimplemented, name)
	}
	decode := func(into any) error {
		proto.Merge(into.(proto.Message), request.(proto.Message))
		return nil
	}
	response, err := m.handle(m.service, ctx, decode, l.interceptor)
	if err != nil {
		return err
	}
	proto.Merge(reply.(proto.Message), response.(proto.Message))
	return nil
}

// NewStream refuses: the API has no streams.
func (l *local) NewStream(_ context.Context, _ *grpc.StreamDesc, name string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, name)
}
