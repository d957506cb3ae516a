// Package suite runs all services and the gateway in one process: the production
// composition, with connections that stay inside.
package suite

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/inproc"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
	"github.com/strongroom-fapi/strongroom/services/authorize"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/par"
	"github.com/strongroom-fapi/strongroom/services/token"
)

// Deps is what the suite is given.
type Deps struct {
	Issuers *issuer.Set
	Clock   clock.Clock
	Log     *slog.Logger
}

// Suite is the six parts, made and connected.
type Suite struct {
	deps     Deps
	servers  map[rpc.Name]*inproc.Server
	trails   map[rpc.Name]*audit.Recorder
	told     *telemetry.Telemetry
	services []process.Service
	gateway  *gateway.Gateway
	sockets  gateway.Sockets
	cache    *redisconn.Client
	closers  []func() error
}

// New makes the services from left to right: each finds what it calls already
// there.
func New(ctx context.Context, cfg *layout.Configs, deps Deps) (*Suite, error) {
	s := &Suite{deps: deps, servers: map[rpc.Name]*inproc.Server{}, trails: map[rpc.Name]*audit.Recorder{}}
	var err error
	// One process tells under one name; the gateway's configuration says to whom.
	if s.told, err = telemetry.Open(ctx, cfg.Gateway.Telemetry, "sandbox", process.Version(), deps.Log); err != nil {
		return nil, err
	}
	s.closers = append(s.closers, s.told.Close)
	if err := s.openTrails(cfg); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	dbs, err := s.databases(ctx, cfg)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	cache, err := redisconn.Open(cfg.PAR.Redis)
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.cache, s.closers = cache, append(s.closers, cache.Close)
	s.told.WatchRedis(rpc.PAR, cache)
	for name, db := range dbs {
		s.told.WatchSQL(name, db)
	}
	if err := s.compose(ctx, cfg, dbs, cache); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Suite) compose(ctx context.Context, cfg *layout.Configs, dbs map[rpc.Name]*sql.DB, cache *redisconn.Client) error {
	keyService, err := keys.New(ctx, cfg.Keys.Keys, keys.Deps{SQL: dbs[rpc.Keys], Clock: s.deps.Clock, Log: s.log(rpc.Keys), Audit: s.trails[rpc.Keys], Issuers: s.deps.Issuers})
	if err != nil {
		return err
	}
	s.add(rpc.Keys, keyService)

	operators, err := https.Listen(cfg.ClientReg.Registry.Admin.Listen)
	if err != nil {
		return err
	}
	registry, err := clientreg.New(cfg.ClientReg.Registry, clientreg.Deps{
		Issuers: s.deps.Issuers, SQL: dbs[rpc.ClientReg], Redis: cache, Clock: s.deps.Clock, Log: s.log(rpc.ClientReg), Audit: s.trails[rpc.ClientReg], Telemetry: s.told, Operators: operators,
	})
	if err != nil {
		return err
	}
	s.add(rpc.ClientReg, registry)

	s.add(rpc.PAR, par.New(cfg.PAR.PAR, par.Deps{Keys: s.conn(rpc.PAR, rpc.Keys), Clients: s.conn(rpc.PAR, rpc.ClientReg), Redis: cache, Clock: s.deps.Clock, Log: s.log(rpc.PAR)}))

	interactions, err := https.Listen(cfg.Authorize.Authorize.Interaction.Listen)
	if err != nil {
		return err
	}
	sweeps := map[rpc.Name]*sqlconn.Sweeps{rpc.Authorize: cfg.Authorize.SQL.Sweeps(), rpc.Token: cfg.Token.SQL.Sweeps()}
	for name, of := range sweeps {
		s.told.WatchSweeps(name, of)
	}
	s.add(rpc.Authorize, authorize.New(cfg.Authorize.Authorize, authorize.Deps{
		Keys: s.conn(rpc.Authorize, rpc.Keys), Clients: s.conn(rpc.Authorize, rpc.ClientReg), Requests: s.conn(rpc.Authorize, rpc.PAR),
		Redis: cache, SQL: dbs[rpc.Authorize], Sweeps: sweeps[rpc.Authorize], Issuers: s.deps.Issuers, Clock: s.deps.Clock, Log: s.log(rpc.Authorize), Audit: s.trails[rpc.Authorize], Telemetry: s.told, Interactions: interactions,
	}))
	s.add(rpc.Token, token.New(cfg.Token.Token, token.Deps{
		Keys: s.conn(rpc.Token, rpc.Keys), Clients: s.conn(rpc.Token, rpc.ClientReg), Authorize: s.conn(rpc.Token, rpc.Authorize),
		Redis: cache, SQL: dbs[rpc.Token], Sweeps: sweeps[rpc.Token], Clock: s.deps.Clock, Log: s.log(rpc.Token), Audit: s.trails[rpc.Token],
	}))
	s.gateway, err = gateway.New(cfg.Gateway.Gateway, gateway.Deps{
		Keys: s.conn(rpc.Gateway, rpc.Keys), Clients: s.conn(rpc.Gateway, rpc.ClientReg), Requests: s.conn(rpc.Gateway, rpc.PAR),
		Authorize: s.conn(rpc.Gateway, rpc.Authorize), Token: s.conn(rpc.Gateway, rpc.Token),
		Issuers: s.deps.Issuers, Clock: s.deps.Clock, Log: s.log(rpc.Gateway), Audit: s.trails[rpc.Gateway], Telemetry: s.told,
	})
	if err != nil {
		return err
	}
	s.sockets, err = cfg.Gateway.Gateway.Open(s.log(rpc.Gateway))
	return err
}

// databases opens each service's own database, all at once: migrations take
// longer than anything else at start.
func (s *Suite) databases(ctx context.Context, cfg *layout.Configs) (map[rpc.Name]*sql.DB, error) {
	stores := []struct {
		service    rpc.Name
		cfg        sqlconn.Config
		migrations fs.FS
	}{
		{rpc.Keys, cfg.Keys.SQL, keys.Migrations},
		{rpc.ClientReg, cfg.ClientReg.SQL, clientreg.Migrations},
		{rpc.Authorize, cfg.Authorize.SQL, authorize.Migrations},
		{rpc.Token, cfg.Token.SQL, token.Migrations},
	}
	opened := make([]*sql.DB, len(stores))
	var group errgroup.Group
	for n, store := range stores {
		group.Go(func() (err error) {
			opened[n], err = sqlconn.Open(ctx, store.cfg, string(store.service), store.migrations)
			return err
		})
	}
	err := group.Wait()
	dbs := map[rpc.Name]*sql.DB{}
	for n, db := range opened {
		if db != nil {
			dbs[stores[n].service] = db
			s.closers = append(s.closers, db.Close)
		}
	}
	return dbs, err
}

// openTrails begins each service's own audit trail.
func (s *Suite) openTrails(cfg *layout.Configs) error {
	for name, of := range cfg.Audits() {
		trail, err := audit.Open(of, string(name), s.deps.Clock, s.log(name))
		if err != nil {
			return err
		}
		s.told.WatchAudit(name, trail)
		s.trails[name] = trail
		s.closers = append(s.closers, trail.Close)
	}
	return nil
}

func (s *Suite) log(name rpc.Name) *slog.Logger { return s.deps.Log.With("service", string(name)) }

// add puts a service behind the same interceptor that guards it over TLS.
func (s *Suite) add(name rpc.Name, service process.Service) {
	server := inproc.NewServer(rpc.ServerInterceptor(name, s.deps.Issuers, s.log(name), s.trails[name], s.told.Of(name)))
	service.Register(server)
	s.servers[name] = server
	s.services = append(s.services, service)
}

func (s *Suite) conn(caller, callee rpc.Name) grpc.ClientConnInterface {
	return s.servers[callee].Conn(caller)
}

// Run serves until ctx ends.
func (s *Suite) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, service := range s.services {
		group.Go(func() error { return service.Run(ctx) })
	}
	group.Go(func() error { return s.gateway.Serve(ctx, s.sockets) })
	group.Go(func() error {
		redisconn.WatchClock(ctx, s.cache, s.deps.Clock, s.deps.Log, s.told.WatchClock(rpc.PAR))
		return nil
	})
	return group.Wait()
}

// Close gives back what New opened.
func (s *Suite) Close() error {
	var faults []error
	for n := len(s.closers) - 1; n >= 0; n-- {
		faults = append(faults, s.closers[n]())
	}
	return errors.Join(faults...)
}
