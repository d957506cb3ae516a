// Package gateway is the HTTP edge: it names the issuer, reads forms, client
// certificates and cookies, calls the services, and speaks OAuth's errors. It is
// the only part that sees a peer certificate or a header.
package gateway

import (
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clientcert"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
)

// Deps is what the gateway is given.
type Deps struct {
	Keys      grpc.ClientConnInterface
	Clients   grpc.ClientConnInterface
	Requests  grpc.ClientConnInterface
	Authorize grpc.ClientConnInterface
	Token     grpc.ClientConnInterface
	Issuers   *issuer.Set
	Clock     clock.Clock
	Log       *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit *audit.Recorder
	// Telemetry may be nil: then nothing is told.
	Telemetry *telemetry.Telemetry
}

// Gateway serves the public routes.
type Gateway struct {
	cfg       Config
	keys      keysv1.KeysServiceClient
	clients   clientregv1.ClientRegistryServiceClient
	requests  parv1.PushedAuthorizationServiceClient
	authorize authorizev1.AuthorizationServiceClient
	token     tokenv1.TokenServiceClient
	issuers   *issuer.Set
	documents map[string][]byte
	// proxies may speak for their clients on the mutual listener.
	proxies *clientcert.Proxies
	// hosts are those of the issuers' own URLs.
	hosts map[string]bool
	log   *slog.Logger
	audit *audit.Recorder
	// leaving tells that the end was asked for.
	leaving atomic.Bool
	told    telemetry.Service
}

// New makes the gateway.
func New(cfg Config, deps Deps) (*Gateway, error) {
	documents, err := discoveryDocuments(deps.Issuers)
	if err != nil {
		return nil, err
	}
	proxies, err := clientcert.New(cfg.Proxies, deps.Clock)
	if err != nil {
		return nil, err
	}
	gate := newGate(cfg.Admission, deps.Telemetry)
	return &Gateway{
		cfg:       cfg.withDefaults(),
		keys:      keysv1.NewKeysServiceClient(gate.to(deps.Keys)),
		clients:   clientregv1.NewClientRegistryServiceClient(gate.to(deps.Clients)),
		requests:  parv1.NewPushedAuthorizationServiceClient(gate.to(deps.Requests)),
		authorize: authorizev1.NewAuthorizationServiceClient(gate.to(deps.Authorize)),
		token:     tokenv1.NewTokenServiceClient(gate.to(deps.Token)),
		issuers:   deps.Issuers,
		documents: documents,
		proxies:   proxies,
		hosts:     hostsOf(deps.Issuers),
		log:       deps.Log,
		audit:     deps.Audit,
		told:      deps.Telemetry.Of(rpc.Gateway),
	}, nil
}

// listener is which of the two public listeners a request came to.
type listener int

const (
	// public never asks for a client certificate, so that browsers show no
	// prompt.
	public listener = iota
	// mutual asks for one and takes none for an answer: who must bring one is
	// the profile's to say.
	mutual
)

// Public serves the listener that never asks for a certificate.
func (g *Gateway) Public() (http.Handler, error) { return g.handler(public) }

// Mutual serves the listener that asks for a client certificate.
func (g *Gateway) Mutual() (http.Handler, error) { return g.handler(mutual) }

func (g *Gateway) handler(at listener) (http.Handler, error) {
	mux := runtime.NewServeMux(
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithRoutingErrorHandler(routingError),
	)
	for _, r := range g.routes() {
		if at == mutual && r.browser {
			continue
		}
		for _, method := range methods {
			if err := mux.HandlePath(method, r.path, g.serve(at, r)); err != nil {
				return nil, err
			}
		}
	}
	for _, method := range []string{http.MethodGet, http.MethodHead} {
		if err := mux.HandlePath(method, "/healthz", g.healthz); err != nil { // of no issuer
			return nil, err
		}
	}
	return g.guard(mux), nil
}

func hostsOf(set *issuer.Set) map[string]bool {
	hosts := map[string]bool{}
	for _, i := range set.All() {
		for _, address := range []string{i.Identifier, i.MTLSBase} {
			if u, err := url.Parse(address); err == nil {
				hosts[u.Host] = true
			}
		}
	}
	return hosts
}
