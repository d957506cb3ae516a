// Package authorize is the user's side of a flow: it sends a browser to the
// bank's own pages, takes it back, keeps the grant and hands out the code.
package authorize

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"net"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/published"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	"github.com/strongroom-fapi/strongroom/services/authorize/internal/store"
)

// Migrations make the tables of this service; for sqlconn.Open.
var Migrations fs.FS = store.Migrations

// Deps is what the service is given.
type Deps struct {
	Keys     grpc.ClientConnInterface
	Clients  grpc.ClientConnInterface
	Requests grpc.ClientConnInterface
	Redis    *redisconn.Client
	SQL      *sql.DB
	// Sweeps may be nil: then they are as often as by default, and not counted.
	Sweeps  *sqlconn.Sweeps
	Issuers *issuer.Set
	Clock   clock.Clock
	Log     *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit *audit.Recorder
	// Telemetry may be nil: then nothing is told of calls of the interaction API.
	Telemetry *telemetry.Telemetry
	// Interactions are the listeners of the interaction API.
	Interactions []net.Listener
}

// Service implements AuthorizationService, and serves the interaction API on a
// listener of its own.
type Service struct {
	authorizev1.UnimplementedAuthorizationServiceServer
	cfg      Config
	clients  clientregv1.ClientRegistryServiceClient
	requests parv1.PushedAuthorizationServiceClient
	sessions store.Sessions
	codes    store.Codes
	grants   store.Grants
	keys     *published.Keys
	issuers  *issuer.Set
	redis    *redisconn.Client
	clock    clock.Clock
	log      *slog.Logger
	audit    *audit.Recorder
	told     telemetry.Service
	sockets  []net.Listener
	sql      *sql.DB
	sweeps   *sqlconn.Sweeps
}

// New makes the service.
func New(cfg Config, deps Deps) *Service {
	return &Service{
		cfg:      cfg,
		clients:  clientregv1.NewClientRegistryServiceClient(deps.Clients),
		requests: parv1.NewPushedAuthorizationServiceClient(deps.Requests),
		sessions: store.NewSessions(deps.Redis),
		codes:    store.NewCodes(deps.Redis),
		grants:   store.NewGrants(deps.SQL),
		keys:     published.New(keysv1.NewKeysServiceClient(deps.Keys), deps.Clock),
		issuers:  deps.Issuers,
		redis:    deps.Redis,
		clock:    deps.Clock,
		log:      deps.Log,
		audit:    deps.Audit,
		told:     deps.Telemetry.Of(rpc.Authorize),
		sockets:  deps.Interactions,
		sql:      deps.SQL,
		sweeps:   deps.Sweeps,
	}
}

// Register makes the service's methods known.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	authorizev1.RegisterAuthorizationServiceServer(r, s)
}

// Run serves the interaction API and sweeps grants that have expired, until ctx
// ends.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.serveInteractions(ctx) })
	group.Go(func() error {
		return s.redis.WatchBirths(ctx, &redisconn.Watcher{Service: string(rpc.Authorize), Log: s.log})
	})
	group.Go(func() error {
		s.sweeps.Run(ctx, s.sql, s.clock, s.log, s.sweepGrants)
		return nil
	})
	return group.Wait()
}

// sweepGrants removes grants that expired so long ago that no session is left which
// could use their request once more: their rows decide that. The last one begins as
// the request ends.
func (s *Service) sweepGrants(ctx context.Context, now time.Time, batch int) (int, error) {
	var longest time.Duration
	for _, of := range s.issuers.All() {
		longest = max(longest, of.Lifetimes.RequestURI+of.Lifetimes.Session)
	}
	return s.grants.Sweep(ctx, now.Add(-longest), batch)
}
