// Package token mints access tokens that are bound to their sender, tells
// resource servers whether they stand, and ends what was bought wrongly.
package token

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/dpop"
	"github.com/strongroom-fapi/strongroom/platform/published"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	tokenv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/token/v1"
	"github.com/strongroom-fapi/strongroom/services/token/grants"
	"github.com/strongroom-fapi/strongroom/services/token/internal/store"
)

// Migrations make the tables of this service; for sqlconn.Open.
var Migrations fs.FS = store.Migrations

// Deps is what the service is given.
type Deps struct {
	Keys      grpc.ClientConnInterface
	Clients   grpc.ClientConnInterface
	Authorize grpc.ClientConnInterface
	Redis     *redisconn.Client
	SQL       *sql.DB
	// Sweeps may be nil: then they are as often as by default, and not counted.
	Sweeps *sqlconn.Sweeps
	Clock  clock.Clock
	Log    *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit *audit.Recorder
}

// Service implements TokenService.
type Service struct {
	tokenv1.UnimplementedTokenServiceServer
	keys           keysv1.KeysServiceClient
	clients        clientregv1.ClientRegistryServiceClient
	authorize      authorizev1.AuthorizationServiceClient
	authorizations store.Authorizations
	opaque         store.Opaque
	revocations    store.Revocations
	grants         map[string]grants.Grant
	published      *published.Keys
	proofs         *dpop.Verifier
	limits         *limits
	redis          *redisconn.Client
	clock          clock.Clock
	log            *slog.Logger
	sql            *sql.DB
	sweeps         *sqlconn.Sweeps
	audit          *audit.Recorder
}

// New makes the service.
func New(cfg Config, deps Deps) *Service {
	s := &Service{
		keys:           keysv1.NewKeysServiceClient(deps.Keys),
		clients:        clientregv1.NewClientRegistryServiceClient(deps.Clients),
		authorize:      authorizev1.NewAuthorizationServiceClient(deps.Authorize),
		authorizations: store.NewAuthorizations(deps.SQL),
		opaque:         store.NewOpaque(deps.Redis),
		revocations:    store.NewRevocations(deps.SQL),
		limits:         newLimits(cfg.limit()),
		redis:          deps.Redis,
		clock:          deps.Clock,
		log:            deps.Log,
		sql:            deps.SQL,
		sweeps:         deps.Sweeps,
		audit:          deps.Audit,
	}
	s.published = published.New(s.keys, deps.Clock)
	s.proofs = dpop.New(rpc.Token, s.keys, deps.Redis, deps.Clock)
	s.grants = grants.Table(grants.Deps{
		Authorize:      s.authorize,
		Authorizations: s.authorizations,
		Clock:          deps.Clock,
		Log:            deps.Log,
		Audit:          deps.Audit,
	})
	return s
}

// Register makes the service's methods known.
func (s *Service) Register(r grpc.ServiceRegistrar) { tokenv1.RegisterTokenServiceServer(r, s) }

// Run looks after the stores and sweeps what has expired, until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return s.redis.WatchBirths(ctx, &redisconn.Watcher{Service: string(rpc.Token), Log: s.log})
	})
	group.Go(func() error {
		s.sweeps.Run(ctx, s.sql, s.clock, s.log, s.authorizations.Sweep, s.revocations.Sweep)
		return nil
	})
	return group.Wait()
}
