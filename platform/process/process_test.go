package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/logging"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

const issuerFile = `name: bank
issuer: https://as.example/bank
mtls_base: https://mtls.as.example/bank
profile: fapi2-security
interaction_url: https://bank.example/login
resource: https://api.bank.example/
scopes: [{name: accounts}]
`

func issuers(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "bank.yaml"), []byte(issuerFile), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func TestOpen(t *testing.T) {
	env, err := Open(rpc.PAR, Config{Issuers: issuers(t)})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := env.Issuers.ByName("bank"); !ok || env.Log == nil {
		t.Errorf("%+v", env)
	}
	for name, cfg := range map[string]Config{
		"log.level": {Issuers: issuers(t), Log: logging.Config{Level: "loud"}},
		"no issuer": {Issuers: t.TempDir()},
	} {
		if _, err := Open(rpc.PAR, cfg); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (Config{}).Validate(); err == nil || !strings.Contains(err.Error(), "issuers is required") {
		t.Errorf("no folder of issuers: %v", err)
	}
}

// service answers, and ends with its context as Run must.
type service struct {
	parv1.UnimplementedPushedAuthorizationServiceServer
	fault error
}

func (s *service) Push(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error) {
	return &parv1.PushResponse{RequestUri: "urn:1"}, nil
}

func (s *service) Register(r grpc.ServiceRegistrar) {
	parv1.RegisterPushedAuthorizationServiceServer(r, s)
}

func (s *service) Run(ctx context.Context) error {
	if s.fault != nil {
		return s.fault
	}
	<-ctx.Done()
	return nil
}

// lines passes log lines on as they are written.
type lines struct {
	once sync.Once
	of   chan []byte
}

func (l *lines) Write(line []byte) (int, error) {
	l.once.Do(func() { l.of <- bytes.Clone(line) })
	return len(line), nil
}

// TestServe: the address is in the log, calls are answered there, and both
// halves end with the context.
func TestServe(t *testing.T) {
	ca, log := networktest.NewCA(t), &lines{of: make(chan []byte, 1)}
	env, err := Open(rpc.PAR, Config{Issuers: issuers(t), Listen: "127.0.0.1:0", TLS: ca.Identity(t, "par")})
	if err != nil {
		t.Fatal(err)
	}
	env.Log = slog.New(slog.NewJSONHandler(log, nil))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- env.Serve(ctx, &service{}) }()

	var first []byte
	select {
	case first = <-log.of:
	case err := <-served:
		t.Fatalf("it did not listen: %v", err)
	}
	var line struct{ Msg, Address string }
	if err := json.Unmarshal(first, &line); err != nil || line.Msg != "listening" {
		t.Fatalf("%+v, %v", line, err)
	}
	caller := &Env{name: rpc.Gateway, Log: slog.New(slog.DiscardHandler), cfg: Config{TLS: ca.Identity(t, "gateway"), Services: network.Addresses{rpc.PAR: line.Address}}}
	var conn grpc.ClientConnInterface
	err = caller.Connect(map[rpc.Name]*grpc.ClientConnInterface{rpc.PAR: &conn})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.(*grpc.ClientConn).Close() }()
	bounded, done := context.WithTimeout(t.Context(), 30*time.Second)
	defer done()
	response, err := parv1.NewPushedAuthorizationServiceClient(conn).Push(bounded, &parv1.PushRequest{
		Call: rpc.NewScope(env.Issuers, env.Issuers.All()[0], "attempt-1", "").Call(),
	})
	if err != nil || response.GetRequestUri() != "urn:1" {
		t.Errorf("%v, %v", response, err)
	}
	self := Config{TLS: env.cfg.TLS, Listen: line.Address}
	var said bytes.Buffer
	if err := askHealth(t.Context(), rpc.PAR, self, &said); err != nil || said.String() != "ready\n" {
		t.Errorf("health: %q, %v", &said, err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := askHealth(t.Context(), rpc.PAR, self, &said); err == nil {
		t.Error("a process that has ended is ready")
	}
}

// TestHealthNamesWhatIsMissing: who asks a process that lacks a store is told which.
func TestHealthNamesWhatIsMissing(t *testing.T) {
	identity, log := networktest.NewCA(t).Identity(t, "par"), &lines{of: make(chan []byte, 1)}
	env, err := Open(rpc.PAR, Config{Issuers: issuers(t), Listen: "127.0.0.1:0", TLS: identity})
	if err != nil {
		t.Fatal(err)
	}
	env.Log = slog.New(slog.NewJSONHandler(log, nil))
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- env.Serve(ctx, &service{}, health.Check{Name: "redis", Ask: func(context.Context) error { return errors.New("connection refused") }})
	}()
	var line struct{ Address string }
	if err := json.Unmarshal(<-log.of, &line); err != nil {
		t.Fatal(err)
	}
	err = askHealth(t.Context(), rpc.PAR, Config{TLS: identity, Listen: line.Address}, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "redis: connection refused") {
		t.Errorf("got %v", err)
	}
	cancel()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// TestServeEndsWithItsService: a service that cannot go on takes its process
// along, so that something starts it anew.
func TestServeEndsWithItsService(t *testing.T) {
	env, err := Open(rpc.PAR, Config{Issuers: issuers(t), Listen: "127.0.0.1:0", TLS: networktest.NewCA(t).Identity(t, "par")})
	if err != nil {
		t.Fatal(err)
	}
	env.Log = slog.New(slog.DiscardHandler)
	fault := errors.New("the store is gone")
	if err := env.Serve(t.Context(), &service{fault: fault}); !errors.Is(err, fault) {
		t.Errorf("got %v", err)
	}
}

func TestServeNeedsItsAddress(t *testing.T) {
	env := &Env{name: rpc.PAR, Log: slog.New(slog.DiscardHandler), cfg: Config{Listen: "nowhere:what", TLS: networktest.NewCA(t).Identity(t, "par")}}
	if err := env.Serve(t.Context(), &service{}); err == nil || !strings.Contains(err.Error(), "listen") {
		t.Errorf("got %v", err)
	}
}
