package network_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// raw sends bytes as they are, which no generated client does.
type raw struct{}

func (raw) Marshal(v any) ([]byte, error) { return v.([]byte), nil }
func (raw) Unmarshal([]byte, any) error   { return nil }
func (raw) Name() string                  { return "proto" }

// heard is a watcher that passes on what it is told, which may be after the caller has
// its answer.
type heard chan rpc.Refusal

func (h heard) Refused(_ context.Context, refusal rpc.Refusal) { h <- refusal }

// TestWhatReachesNoMethodIsTold: a message that cannot be decoded or is too large, and a method that does
// not exist, with who sent it, to the watchers and to the log. What it said is in neither.
func TestWhatReachesNoMethodIsTold(t *testing.T) {
	ca, s, watcher := networktest.NewCA(t), &service{}, make(heard, 100)
	var written bytes.Buffer
	log := slog.New(slog.NewTextHandler(&written, nil))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	server := network.Server{
		Identity: ca.Identity(t, "par"), Interceptor: rpc.ServerInterceptor(rpc.PAR, set(t), log, watcher),
		StreamInterceptor: rpc.StreamInterceptor(rpc.PAR, log, watcher), Log: quiet,
	}
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(ctx, listener, func(r grpc.ServiceRegistrar) { parv1.RegisterPushedAuthorizationServiceServer(r, s) }, health.New(log).Register)
	}()
	const push, check = parv1.PushedAuthorizationService_Push_FullMethodName, "/grpc.health.v1.Health/Check"
	garbage := []byte("\x0asecret")
	for _, row := range []struct {
		caller, method string
		message        []byte
		told           codes.Code
	}{
		{"gateway", push, garbage, codes.InvalidArgument},
		{"token", push, garbage, codes.PermissionDenied}, // told of what is worse
		{"gateway", push, make([]byte, 3<<20), codes.InvalidArgument},
		{"gateway", check, garbage, codes.InvalidArgument},
		{"gateway", "/strongroom.par.v1.PushedAuthorizationService/Steal", nil, codes.PermissionDenied},
		{"token", "/strongroom.vault.v1.VaultService/" + strings.Repeat("Open", 100), nil, codes.PermissionDenied},
	} {
		conn := dial(t, listener.Addr().String(), clientTLS(t, ca.Identity(t, row.caller)))
		within, end := context.WithTimeout(t.Context(), 30*time.Second)
		err := conn.Invoke(within, row.method, row.message, nil, grpc.ForceCodec(raw{}))
		if err == nil {
			t.Errorf("%s called %s", row.caller, row.method)
		}
		want := rpc.Refusal{Method: row.method[:min(len(row.method), 256)], Caller: rpc.Name(row.caller), Code: row.told.String()}
		select {
		case told := <-watcher:
			if told != want {
				t.Errorf("%s calls %s: told %+v", row.caller, row.method, told)
			}
		case <-within.Done():
			t.Errorf("%s calls %s: nobody is told", row.caller, row.method)
		}
		end()
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if more := len(watcher); more != 0 {
		t.Errorf("%d are told twice", more)
	}
	if lines := strings.Count(written.String(), `msg="call refused"`); lines != 6 || strings.Contains(written.String(), "secret") {
		t.Errorf("the log says %s", &written)
	}
	if n := s.calls.Load(); n != 0 {
		t.Errorf("the handler was reached %d times", n)
	}
}
