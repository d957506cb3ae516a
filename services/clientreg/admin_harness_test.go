package clientreg_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// operated is a replica whose admin API is reached over mutual TLS, with an audit
// trail.
type operated struct {
	*replica
	service *clientreg.Service
	ca      *networktest.CA
	address string
	folder  string
	// admin and reader are those two operators; bound is an operator of another
	// issuer alone.
	admin, reader, bound adminv1.AdminServiceClient
}

func (w *world) operated(t *testing.T, changes ...func(*clientreg.Config)) *operated {
	t.Helper()
	o := &operated{ca: networktest.NewCA(t), folder: t.TempDir()}
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	o.address = listener.Addr().String()
	cfg := clientreg.Config{
		InitialAccessTokens: []clientreg.InitialAccessToken{{Token: secret.New(clientToken)}, {Token: secret.New(serverToken), ResourceServer: true}},
		Admin: clientreg.Admin{
			Listen: []string{o.address}, TLS: o.ca.Identity(t, "clientreg"),
			Callers: []clientreg.AdminCaller{
				{Name: "dns:admin", Role: "operator", Issuers: []string{"*"}}, {Name: "dns:reader", Role: "reader", Issuers: []string{"*"}},
				{Name: "dns:bound", Role: "operator", Issuers: []string{w.another()}},
			},
		},
	}
	for _, change := range changes {
		change(&cfg)
	}
	trail := must(audit.Open(audit.Config{Folder: o.folder, Instance: "a"}, "clientreg", w.clock, slog.New(slog.DiscardHandler)))
	service, err := clientreg.New(cfg, clientreg.Deps{
		SQL: w.db, Redis: w.redis, Issuers: w.set, Clock: w.clock, Log: slog.New(slog.DiscardHandler), Audit: trail, Telemetry: w.told, Operators: []net.Listener{listener},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.service = service
	server := inproc.NewServer(rpc.ServerInterceptor(rpc.ClientReg, w.set, slog.New(slog.DiscardHandler), trail))
	service.Register(server)
	as := func(caller rpc.Name) clientregv1.ClientRegistryServiceClient {
		return clientregv1.NewClientRegistryServiceClient(server.Conn(caller))
	}
	o.replica = &replica{w, as(rpc.PAR), as(rpc.Token), as(rpc.Authorize), as(rpc.Gateway)}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error("the service ended with", err)
		}
		if err := trail.Close(); err != nil {
			t.Error(err)
		}
	})
	o.admin, o.reader, o.bound = o.as(t, "admin"), o.as(t, "reader"), o.as(t, "bound")
	return o
}

// another is an issuer besides the one that the tests use, where there is one.
func (w *world) another() string {
	for _, i := range w.set.All() {
		if i != w.here {
			return i.Name
		}
	}
	return w.here.Name
}

// as is an operator with a certificate of these DNS names.
func (o *operated) as(t *testing.T, names ...string) adminv1.AdminServiceClient {
	t.Helper()
	return o.with(t, o.ca.Identity(t, names...))
}

func (o *operated) with(t *testing.T, identity network.Identity) adminv1.AdminServiceClient {
	t.Helper()
	return adminv1.NewAdminServiceClient(o.conn(t, identity))
}

func (o *operated) conn(t *testing.T, identity network.Identity) *grpc.ClientConn {
	t.Helper()
	conn := must(grpc.NewClient("dns:///"+o.address, grpc.WithTransportCredentials(credentials.NewTLS(must(identity.ClientTLS(rpc.ClientReg))))))
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// ask sends one request to the REST face as an operator.
func (o *operated) ask(t *testing.T, identity network.Identity, method, path, body string) (int, map[string]any) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: must(identity.ClientTLS(rpc.ClientReg)), ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	response, err := client.Do(must(http.NewRequestWithContext(o.context(), method, "https://"+o.address+path, strings.NewReader(body))))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text := must(io.ReadAll(response.Body))
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		t.Errorf("%s %s: %s is no JSON: %s", method, path, response.Status, text)
	}
	if response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("X-Fapi-Interaction-Id") == "" {
		t.Errorf("%s %s: headers %v", method, path, response.Header)
	}
	if limited := response.StatusCode == http.StatusTooManyRequests; limited != (response.Header.Get("Retry-After") != "") {
		t.Errorf("%s %s: %s with Retry-After %q", method, path, response.Status, response.Header.Get("Retry-After"))
	}
	return response.StatusCode, object
}

// events are those in the trail, of a kind.
func (o *operated) events(t *testing.T, kind audit.Kind) (found []audit.Event) {
	t.Helper()
	chosen, reports, err := audit.Select(o.folder, audit.Filter{})
	if err != nil || len(reports) != 1 || reports[0].Broken != nil {
		t.Fatalf("the trail: %v, %+v", err, reports)
	}
	for _, f := range chosen {
		if f.Kind == kind {
			found = append(found, f.Event)
		}
	}
	return found
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

func pemOf(chain [][]byte) string {
	var text bytes.Buffer
	for _, der := range chain {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return text.String()
}
