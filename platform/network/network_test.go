package network_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

type service struct {
	parv1.UnimplementedPushedAuthorizationServiceServer
	calls atomic.Int32
	hold  chan struct{} // nil: answers at once
	begun chan struct{}
}

func (s *service) Push(ctx context.Context, _ *parv1.PushRequest) (*parv1.PushResponse, error) {
	s.calls.Add(1)
	if s.hold != nil {
		close(s.begun)
		<-s.hold
	}
	return &parv1.PushResponse{}, nil
}

func set(t *testing.T) *issuer.Set {
	t.Helper()
	made, err := issuer.NewSet(issuer.Issuer{
		Name: "bank", Identifier: "https://as.example/bank", MTLSBase: "https://mtls.as.example/bank", Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: "https://api.bank.example/", Scopes: []issuer.Scope{{Name: "accounts"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// serve runs a par service; stop ends it and answers what Serve did.
func serve(t *testing.T, identity network.Identity, s *service) (address string, stop func() error) {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", identity, s)
}

func serveAt(t *testing.T, at string, identity network.Identity, s *service) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	served := make(chan error, 1)
	interceptor := rpc.ServerInterceptor(rpc.PAR, set(t), slog.New(slog.DiscardHandler))
	go func() {
		server := network.Server{Identity: identity, Interceptor: interceptor, Log: quiet}
		served <- server.Serve(ctx, listener, func(r grpc.ServiceRegistrar) {
			parv1.RegisterPushedAuthorizationServiceServer(r, s)
		})
	}()
	return listener.Addr().String(), func() error { cancel(); return <-served }
}

func push(t *testing.T, conn grpc.ClientConnInterface) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	of := set(t)
	_, err := parv1.NewPushedAuthorizationServiceClient(conn).Push(ctx, &parv1.PushRequest{
		Call: rpc.NewScope(of, of.All()[0], "attempt-1", "").Call(),
	})
	return err
}

// dial connects with any TLS configuration, as an attacker may.
func dial(t *testing.T, address string, config *tls.Config) grpc.ClientConnInterface {
	t.Helper()
	conn, err := grpc.NewClient("dns:///"+address, grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func clientTLS(t *testing.T, identity network.Identity) *tls.Config {
	t.Helper()
	config, err := identity.ClientTLS(rpc.PAR)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

var quiet = slog.New(slog.DiscardHandler)

var both = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

// TestWhoMayCall: the one DNS name in a certificate of the suite's own CA, valid
// now and for clients, is who calls.
func TestWhoMayCall(t *testing.T) {
	ours, foreign := networktest.NewCA(t), networktest.NewCA(t)
	s := &service{}
	address, stop := serve(t, ours.Identity(t, "par"), s)
	trusted := func(identity network.Identity) network.Identity {
		identity.CA = ours.File() // so that it is the server alone that refuses
		return identity
	}
	for _, row := range []struct {
		name   string
		config func() *tls.Config
		ok     bool
	}{
		{"gateway", func() *tls.Config { return clientTLS(t, ours.Identity(t, "gateway")) }, true},
		{"a service that may not", func() *tls.Config { return clientTLS(t, ours.Identity(t, "token")) }, false},
		{"a name that is no service", func() *tls.Config { return clientTLS(t, ours.Identity(t, "gateway.evil.example")) }, false},
		{"a wildcard", func() *tls.Config { return clientTLS(t, ours.Identity(t, "*")) }, false},
		{"two names", func() *tls.Config { return clientTLS(t, ours.Identity(t, "gateway", "token")) }, false},
		{"no name", func() *tls.Config { return clientTLS(t, ours.Identity(t)) }, false},
		{"a foreign CA", func() *tls.Config { return clientTLS(t, trusted(foreign.Identity(t, "gateway"))) }, false},
		{"no certificate", func() *tls.Config {
			config := clientTLS(t, ours.Identity(t, "gateway"))
			config.Certificates = nil
			return config
		}, false},
		{"a certificate for servers alone", func() *tls.Config {
			return clientTLS(t, ours.IdentityOf(t, &x509.Certificate{DNSNames: []string{"gateway"}, ExtKeyUsage: both[:1]}))
		}, false},
		{"a certificate that has expired", func() *tls.Config {
			return clientTLS(t, ours.IdentityOf(t, &x509.Certificate{
				DNSNames: []string{"gateway"}, ExtKeyUsage: both, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(-time.Hour),
			}))
		}, false},
		{"TLS 1.2", func() *tls.Config {
			config := clientTLS(t, ours.Identity(t, "gateway"))
			config.MinVersion, config.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
			return config
		}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := s.calls.Load()
			err := push(t, dial(t, address, row.config()))
			if (err == nil) != row.ok || (s.calls.Load() > before) != row.ok {
				t.Errorf("%v, the handler was reached %d times", err, s.calls.Load()-before)
			}
		})
	}
	if err := stop(); err != nil {
		t.Error(err)
	}
}

// TestWhoMayAnswer: whatever its address, a callee's certificate bears its name.
func TestWhoMayAnswer(t *testing.T) {
	ours, foreign := networktest.NewCA(t), networktest.NewCA(t)
	for _, row := range []struct {
		name     string
		identity network.Identity
		ok       bool
	}{
		{"par", ours.Identity(t, "par"), true},
		{"another service", ours.Identity(t, "keys"), false},
		{"an address instead of a name", ours.IdentityOf(t, &x509.Certificate{IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: both}), false},
		{"a foreign CA", foreign.Identity(t, "par"), false},
		{"a certificate for clients alone", ours.IdentityOf(t, &x509.Certificate{DNSNames: []string{"par"}, ExtKeyUsage: both[1:]}), false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, callee := &service{}, row.identity
			callee.CA = ours.File()
			address, stop := serve(t, callee, s)
			conn, err := network.Dial(ours.Identity(t, "gateway"), network.Addresses{rpc.PAR: address}, rpc.PAR, quiet)
			if err != nil {
				t.Fatal(err)
			}
			if err := push(t, conn); (err == nil) != row.ok || s.calls.Load() > 0 != row.ok {
				t.Errorf("%v, the handler was reached %d times", err, s.calls.Load())
			}
			_ = conn.Close()
			if err := stop(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestServeDrains: a call in progress is answered, and then Serve ends.
func TestServeDrains(t *testing.T) {
	ca := networktest.NewCA(t)
	s := &service{hold: make(chan struct{}), begun: make(chan struct{})}
	address, stop := serve(t, ca.Identity(t, "par"), s)
	answered := make(chan error, 1)
	go func() { answered <- push(t, dial(t, address, clientTLS(t, ca.Identity(t, "gateway")))) }()
	select {
	case <-s.begun:
	case err := <-answered:
		t.Fatalf("the call did not arrive: %v", err)
	}
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	close(s.hold)
	if err := <-answered; err != nil {
		t.Errorf("the call in progress: %v", err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func TestDialNeedsAnAddress(t *testing.T) {
	_, err := network.Dial(networktest.NewCA(t).Identity(t, "gateway"), network.Addresses{rpc.Keys: "127.0.0.1:1"}, rpc.PAR, quiet)
	if err == nil || !strings.Contains(err.Error(), "services.par") {
		t.Errorf("got %v", err)
	}
}

// TestIdentityFaults: an error names the member of the configuration.
func TestIdentityFaults(t *testing.T) {
	ca := networktest.NewCA(t)
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name  string
		spoil func(*network.Identity)
		want  string
	}{
		{"no certificate", func(i *network.Identity) { i.Certificate = "" }, "tls.certificate"},
		{"another's key", func(i *network.Identity) { i.Key = ca.Identity(t, "x").Key }, "tls.key"},
		{"no CA", func(i *network.Identity) { i.CA = "" }, "tls.ca"},
		{"a CA that is no PEM", func(i *network.Identity) { i.CA = empty }, "tls.ca"},
	} {
		t.Run(row.name, func(t *testing.T) {
			identity := ca.Identity(t, "par")
			row.spoil(&identity)
			if _, err := identity.ServerTLS(quiet); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("ServerTLS: %v", err)
			}
			if _, err := identity.ClientTLS(rpc.PAR); err == nil || !strings.Contains(err.Error(), row.want) {
				t.Errorf("ClientTLS: %v", err)
			}
			if _, err := network.Dial(identity, network.Addresses{rpc.PAR: "127.0.0.1:1"}, rpc.PAR, quiet); err == nil {
				t.Error("Dial went on")
			}
			if err := (network.Server{Identity: identity, Log: quiet}).Serve(t.Context(), nil); err == nil {
				t.Error("Serve went on")
			}
		})
	}
}
