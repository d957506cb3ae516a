package inproc_test

import (
	"log/slog"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// That a call works as over a wire is in the contract of platform/rpc. This is
// what only this transport refuses.
func TestStreamsAreRefused(t *testing.T) {
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.PAR, nil, slog.New(slog.DiscardHandler)))
	parv1.RegisterPushedAuthorizationServiceServer(server, parv1.UnimplementedPushedAuthorizationServiceServer{})
	_, err := server.Conn(rpc.Gateway).NewStream(t.Context(), &grpc.StreamDesc{}, parv1.PushedAuthorizationService_Push_FullMethodName)
	if status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}
}
