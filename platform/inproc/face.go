package inproc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Face is a connection for the REST face of the server's own API: the handlers that
// grpc-gateway registers on a server itself pass no interceptor. What ctx holds stays,
// for it holds who calls, and errors stay statuses, for the face renders them.
func (s *Server) Face() grpc.ClientConnInterface { return face{s} }

type face struct{ server *Server }

// Invoke makes one unary call.
func (f face) Invoke(ctx context.Context, method string, request, reply any, _ ...grpc.CallOption) error {
	h, ok := f.server.handlers[method]
	if !ok {
		return status.Error(codes.Unimplemented, method)
	}
	response, err := h.method(h.service, ctx, decodeFrom(request), f.server.interceptor)
	if err != nil {
		return err
	}
	proto.Merge(reply.(proto.Message), response.(proto.Message))
	return nil
}

// NewStream refuses: the suite has no streams.
func (f face) NewStream(_ context.Context, _ *grpc.StreamDesc, method string, _ ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, status.Error(codes.Unimplemented, method)
}

// decodeFrom gives a handler a copy of the request, as a wire would.
func decodeFrom(request any) func(any) error {
	return func(into any) error {
		proto.Merge(into.(proto.Message), request.(proto.Message))
		return nil
	}
}
