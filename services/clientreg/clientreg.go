// Package clientreg knows the clients, and how a client proves itself
// (RFC 7591, RFC 7592, OpenID Connect Core §9).
package clientreg

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"net"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/jwks"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/participants"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/revocation"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// Migrations make the schema that Deps.SQL must have.
var Migrations fs.FS = store.Migrations

// Deps is what the service is given.
type Deps struct {
	// SQL keeps the clients. Its schema is that of Migrations.
	SQL *sql.DB
	// Redis keeps what was used once, and the newest generation of each client.
	Redis *redisconn.Client
	// Issuers name the authorities whose client certificates they trust.
	Issuers *issuer.Set
	Clock   clock.Clock
	Log     *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit *audit.Recorder
	// Telemetry may be nil: then nothing is told of operators' calls.
	Telemetry *telemetry.Telemetry
	// Operators are the listeners of the admin API; none where it is off.
	Operators []net.Listener
}

// Service is the client registry, as its process sees it.
type Service struct {
	registry *registry
	redis    *redisconn.Client
	admin    Admin
	sockets  []net.Listener
}

// registry implements ClientRegistryService. It is not the Service itself,
// because the method Register of the one is an RPC, and of the other not.
type registry struct {
	clientregv1.UnimplementedClientRegistryServiceServer
	initialTokens initialTokens
	limits        limits
	clients       store.Clients
	marks         store.Marks
	directory     *directory.Directory
	certificates  *certificate.Reader
	// trustStores are the names of each issuer's.
	trustStores  map[string][]string
	outside      *fetch.Client
	keys         *jwks.Source
	participants *participants.Watch
	statements   *statement.Verifier
	issuers      *issuer.Set
	clock        clock.Clock
	log          *slog.Logger
	audit        *audit.Recorder
	telemetry    telemetry.Service
}

// New makes the service.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	roots, err := cfg.Fetch.roots()
	if err != nil {
		return nil, err
	}
	clients, marks := store.NewSQL(deps.SQL), store.NewRedis(deps.Redis)
	files, err := frameworkKeys(deps.Issuers)
	if err != nil {
		return nil, err
	}
	outside := fetch.New(fetch.Options{Allow: cfg.Fetch.Allow, ConnectTo: cfg.Fetch.ConnectTo, Roots: roots, Clock: deps.Clock})
	trusted, err := trustStores(deps.Issuers, revocation.New(outside, deps.Clock, deps.Log))
	if err != nil {
		return nil, err
	}
	if err := reachable(deps.Issuers, outside.Check); err != nil {
		return nil, err
	}
	keys := jwks.New(outside, deps.Clock, deps.Log, cfg.cachedClients())
	watch := participants.New(outside, deps.Clock)
	if err := cfg.Admin.knows(func(name string) bool { _, ok := deps.Issuers.ByName(name); return ok }); err != nil {
		return nil, err
	}
	return &Service{redis: deps.Redis, admin: cfg.Admin, sockets: deps.Operators, registry: &registry{
		initialTokens: newInitialTokens(cfg.InitialAccessTokens),
		limits:        limits{perToken: cfg.registrationsPerMinute(), perParticipant: cfg.participantRegistrationsPerMinute(), perOperator: cfg.Admin.checksPerMinute()},
		clients:       clients,
		marks:         marks,
		directory:     directory.New(clients, marks, whose(deps.Issuers), cfg.cachedClients()),
		certificates:  certificate.New(trusted),
		trustStores:   trustStoreNames(deps.Issuers),
		outside:       outside,
		keys:          keys,
		participants:  watch,
		statements:    &statement.Verifier{Keys: keys, Files: files, Standing: watch},
		issuers:       deps.Issuers,
		clock:         deps.Clock,
		log:           deps.Log,
		audit:         deps.Audit,
		telemetry:     deps.Telemetry.Of(rpc.ClientReg),
	}}, nil
}

// Register makes the service's methods known.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	clientregv1.RegisterClientRegistryServiceServer(r, s.registry)
}

// Run looks after the store, watches who takes part in the issuers' trust
// frameworks, and serves operators. Where Redis forgot, it may have lost the news of
// a client's change, so that what is in memory is read anew.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	s.registry.watchParticipants(ctx)
	group.Go(func() error { return s.registry.serveAdmin(ctx, s.admin, s.sockets) })
	group.Go(func() error {
		return s.redis.WatchBirths(ctx, &redisconn.Watcher{
			Service: string(rpc.ClientReg), Log: s.registry.log, Reborn: s.registry.directory.Forget,
		})
	})
	return group.Wait()
}
