package rpc_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

type stream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s stream) Context() context.Context { return s.ctx }

// TestWhoMayWatchHealth: whoever calls a service, the edge and the service itself;
// and there is no other stream.
func TestWhoMayWatchHealth(t *testing.T) {
	const watch = "/grpc.health.v1.Health/Watch"
	for _, row := range []struct {
		self     rpc.Name
		watchers []rpc.Name
	}{
		{rpc.Keys, []rpc.Name{rpc.Keys, rpc.PAR, rpc.Authorize, rpc.Token, rpc.Gateway}},
		{rpc.ClientReg, []rpc.Name{rpc.ClientReg, rpc.PAR, rpc.Authorize, rpc.Token, rpc.Gateway}},
		{rpc.PAR, []rpc.Name{rpc.PAR, rpc.Authorize, rpc.Gateway}},
		{rpc.Authorize, []rpc.Name{rpc.Authorize, rpc.Token, rpc.Gateway}},
		{rpc.Token, []rpc.Name{rpc.Token, rpc.Gateway}},
		{rpc.Gateway, []rpc.Name{rpc.Gateway}},
	} {
		interceptor := rpc.StreamInterceptor(row.self, slog.New(slog.DiscardHandler))
		for _, caller := range append([]rpc.Name{"", "bank", "Gateway"}, rpc.Names...) {
			for _, method := range []string{watch, "/grpc.health.v1.Health/List", "", "/strongroom.keys.v1.KeysService/Sign"} {
				handled := false
				err := interceptor(nil, stream{ctx: rpc.WithCaller(t.Context(), caller)}, &grpc.StreamServerInfo{FullMethod: method},
					func(any, grpc.ServerStream) error { handled = true; return nil })
				if want := method == watch && slices.Contains(row.watchers, caller); handled != want || (err == nil) != want {
					t.Errorf("%q opens %s at %s: %t, want %t; %v", caller, method, row.self, handled, want, err)
				}
				if err != nil && status.Code(err) != codes.PermissionDenied {
					t.Errorf("got %v", err)
				}
			}
		}
	}
}
