package network_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// TestAPI: who calls an API from outside the suite is balanced over replicas, goes over
// to other files while it runs, and gets statuses as they are.
func TestAPI(t *testing.T) {
	old, fresh := networktest.NewCA(t), networktest.NewCA(t)
	callees, caller := []network.Identity{old.Identity(t, "par"), old.Identity(t, "par")}, old.Identity(t, "gateway")
	caller.CA = copyOf(t, caller.CA)
	first, second := &service{}, &service{}
	firstAddress, stopFirst := serve(t, callees[0], first)
	secondAddress, _ := serve(t, callees[1], second)
	connect := func(address string) *grpc.ClientConn {
		conn, err := network.DialAPI(caller, address, rpc.PAR, quiet)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	conn, late := connect(firstAddress+","+secondAddress), connect(secondAddress) // who connects only when called
	for tries := 0; first.calls.Load() < 5 || second.calls.Load() < 5; tries++ {
		if tries == 100 {
			t.Fatalf("%d and %d calls", first.calls.Load(), second.calls.Load())
		}
		calls(t, conn, 20)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err := parv1.NewPushedAuthorizationServiceClient(conn).Consume(ctx, &parv1.ConsumeRequest{})
	if _, made := oauth.AsError(err); made || status.Code(err) != codes.PermissionDenied {
		t.Errorf("a status came as %v", err)
	}
	if err := stopFirst(); err != nil {
		t.Fatal(err)
	}
	calls(t, conn, 20)
	replace(t, callees[1], fresh.Identity(t, "par"))
	replace(t, caller, fresh.Identity(t, "gateway"))
	calls(t, late, 1)
}
