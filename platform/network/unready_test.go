package network_test

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// replica is a par service whose store can go away.
type replica struct {
	service
	away atomic.Bool
}

func (r *replica) serve(t *testing.T, ca *networktest.CA) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ready := health.New(quiet, health.Check{Name: "redis", Ask: func(context.Context) error {
		if r.away.Load() {
			return errors.New("connection refused")
		}
		return nil
	}})
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	context.AfterFunc(ctx, ready.Leave)
	served := make(chan error, 1)
	server := network.Server{
		Identity: ca.Identity(t, "par"), Log: quiet,
		Interceptor: rpc.ServerInterceptor(rpc.PAR, set(t), quiet), StreamInterceptor: rpc.StreamInterceptor(rpc.PAR, quiet),
	}
	go func() {
		served <- server.Serve(ctx, listener, func(s grpc.ServiceRegistrar) { parv1.RegisterPushedAuthorizationServiceServer(s, r) }, ready.Register)
	}()
	return listener.Addr().String(), func() error { cancel(); return <-served }
}

// eventually makes calls until the replica has answered some of the last twenty, or
// none of them.
func eventually(t *testing.T, conn grpc.ClientConnInterface, of *replica, some bool) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		before := of.calls.Load()
		calls(t, conn, 20)
		if (of.calls.Load() > before) == some {
			return
		}
	}
	t.Fatalf("the replica gets calls: want %t", some)
}

// TestUnreadyReplicaGetsNoCalls: nor does any call fail for it. Where none is ready the
// caller answers 503 with Retry-After, and goes on when one is again.
func TestUnreadyReplicaGetsNoCalls(t *testing.T) {
	ca := networktest.NewCA(t)
	first, second := &replica{}, &replica{}
	firstAddress, _ := first.serve(t, ca)
	secondAddress, _ := second.serve(t, ca)
	conn, err := network.Dial(ca.Identity(t, "gateway"), network.Addresses{rpc.PAR: firstAddress + "," + secondAddress}, rpc.PAR, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	eventually(t, conn, first, true)
	first.away.Store(true)
	eventually(t, conn, first, false)
	before := first.calls.Load()
	calls(t, conn, 50)
	if got := first.calls.Load() - before; got != 0 {
		t.Errorf("%d calls went to the replica that is not ready", got)
	}
	second.away.Store(true)
	failsClosed(t, conn)
	first.away.Store(false)
	second.away.Store(false)
	answersAgain(t, conn)
	eventually(t, conn, first, true)
}

// failsClosed makes calls until one is refused, which is a 503.
func failsClosed(t *testing.T, conn grpc.ClientConnInterface) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		err := push(t, conn)
		if err == nil {
			continue
		}
		refusal, ok := oauth.AsError(err)
		if !ok || refusal.HTTPStatus() != 503 || refusal.RetryAfter <= 0 {
			t.Errorf("the caller answers %v", err)
		}
		return
	}
	t.Error("a call was answered by a replica that is not ready")
}

func answersAgain(t *testing.T, conn grpc.ClientConnInterface) {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		if push(t, conn) == nil {
			return
		}
	}
	t.Fatal("no call is answered although both are ready")
}

// TestWatchersLetAProcessEnd: whoever watches its health holds nobody up.
func TestWatchersLetAProcessEnd(t *testing.T) {
	ca := networktest.NewCA(t)
	r := &replica{}
	address, stop := r.serve(t, ca)
	conn, err := network.Dial(ca.Identity(t, "gateway"), network.Addresses{rpc.PAR: address}, rpc.PAR, quiet)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	calls(t, conn, 1)
	begun := time.Now()
	if err := stop(); err != nil {
		t.Error(err)
	}
	if took := time.Since(begun); took > network.DefaultDrain/2 {
		t.Errorf("it took %s to end", took)
	}
}
