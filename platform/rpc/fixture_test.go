package rpc_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	rpcv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/rpc/v1"
)

const interaction = "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

func setOf(t *testing.T, names ...string) *issuer.Set {
	t.Helper()
	var issuers []issuer.Issuer
	for _, name := range names {
		issuers = append(issuers, issuer.Issuer{
			Name:           name,
			Identifier:     "https://as.example/" + name,
			MTLSBase:       "https://mtls.as.example/" + name,
			Profile:        "fapi2-security",
			InteractionURL: "https://bank.example/login",
			Resource:       "https://api.bank.example/",
			Scopes:         []issuer.Scope{{Name: "accounts"}},
		})
	}
	set, err := issuer.NewSet(issuers...)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// service is a PushedAuthorizationService made of functions.
type service struct {
	parv1.UnimplementedPushedAuthorizationServiceServer
	mu    sync.Mutex
	calls int
	push  func(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error)
}

func (s *service) Push(ctx context.Context, req *parv1.PushRequest) (*parv1.PushResponse, error) {
	s.mu.Lock()
	s.calls++
	s.mu.Unlock()
	return s.push(ctx, req)
}

// called is how often Push was.
func (s *service) called() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// logged is what a service wrote, line by line.
type logged struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (l *logged) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.Write(text)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buffer.String()
}

// line is the one line with this message.
func (l *logged) line(t *testing.T, message string) map[string]any {
	t.Helper()
	var found []map[string]any
	decoder := json.NewDecoder(bytes.NewReader([]byte(l.String())))
	for decoder.More() {
		var line map[string]any
		if err := decoder.Decode(&line); err != nil {
			t.Fatal(err)
		}
		if line["msg"] == message {
			found = append(found, line)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d lines %q in: %s", len(found), message, l)
	}
	return found[0]
}

// suite is a par service that others call.
type suite struct {
	set     *issuer.Set
	service *service
	log     *logged
	conn    func(rpc.Name) grpc.ClientConnInterface
}

// transports are the two ways from one service to another; what follows must
// hold for both.
var transports = map[string]func(*testing.T, *suite, grpc.UnaryServerInterceptor){
	"in one process": func(_ *testing.T, s *suite, interceptor grpc.UnaryServerInterceptor) {
		server := inproc.NewServer(interceptor)
		parv1.RegisterPushedAuthorizationServiceServer(server, s.service)
		s.conn = server.Conn
	},
	"over TLS": func(t *testing.T, s *suite, interceptor grpc.UnaryServerInterceptor) {
		ca := networktest.NewCA(t)
		address := serve(t, ca.Identity(t, "par"), interceptor, s.service)
		s.conn = func(caller rpc.Name) grpc.ClientConnInterface {
			return dial(t, ca.Identity(t, string(caller)), address)
		}
	},
}

func serve(t *testing.T, identity network.Identity, interceptor grpc.UnaryServerInterceptor, s *service) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		server := network.Server{Identity: identity, Interceptor: interceptor, Log: slog.New(slog.DiscardHandler)}
		served <- server.Serve(ctx, listener, func(r grpc.ServiceRegistrar) {
			parv1.RegisterPushedAuthorizationServiceServer(r, s)
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

func dial(t *testing.T, identity network.Identity, address string) grpc.ClientConnInterface {
	t.Helper()
	conn, err := network.Dial(identity, network.Addresses{rpc.PAR: address}, rpc.PAR, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// overEach runs a test over each transport, against a service that answers as
// push says.
func overEach(t *testing.T, push func(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error), test func(*testing.T, *suite)) {
	for name, start := range transports {
		t.Run(name, func(t *testing.T) {
			s := &suite{set: setOf(t, "bank", "other"), service: &service{push: push}, log: &logged{}}
			log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			start(t, s, rpc.ServerInterceptor(rpc.PAR, s.set, log))
			test(t, s)
		})
	}
}

func answer(context.Context, *parv1.PushRequest) (*parv1.PushResponse, error) {
	return &parv1.PushResponse{RequestUri: "urn:1", ExpiresIn: 60}, nil
}

// call is the envelope of a call about an issuer.
func (s *suite) call(t *testing.T, name string) *rpcv1.Call {
	t.Helper()
	i, ok := s.set.ByName(name)
	if !ok {
		t.Fatalf("no issuer %s", name)
	}
	return rpc.NewScope(s.set, i, "attempt-1", interaction).Call()
}

// push calls as gateway does, with time enough.
func (s *suite) push(t *testing.T, caller rpc.Name, call *rpcv1.Call) (*parv1.PushResponse, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return parv1.NewPushedAuthorizationServiceClient(s.conn(caller)).Push(ctx, &parv1.PushRequest{Call: call})
}

// others are the services that are not in a list.
func others(list []rpc.Name) []rpc.Name {
	return slices.DeleteFunc(slices.Clone(rpc.Names), func(n rpc.Name) bool { return slices.Contains(list, n) })
}
