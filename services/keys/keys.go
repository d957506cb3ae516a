// Package keys holds the keys of every issuer. Nobody else can sign or decrypt:
// private keys never leave this service or its key backend (C4), and it uses
// them by purpose and caller (B8).
package keys

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/lease"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// Migrations make the tables of this service; for sqlconn.Open.
var Migrations fs.FS = store.Migrations

// Deps is what the service is given.
type Deps struct {
	// SQL has the Migrations applied.
	SQL   *sql.DB
	Clock clock.Clock
	// SameTime objects where Clock is not the database's, before keys are made and
	// ended for all replicas. May be nil: then nobody objects.
	SameTime func(context.Context) error
	Log      *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit   *audit.Recorder
	Issuers *issuer.Set
	// Native is what this program has beside pure Go.
	Native Native
	// Operator opens the service for a command of an operator: a key that cannot be
	// opened is in the log, and does not keep the command from ending it. A service
	// that is to serve does not start with one.
	Operator bool
}

// Service implements KeysService.
type Service struct {
	keysv1.UnimplementedKeysServiceServer
	// making is the backend of new keys; backends are all that open keys, by name.
	making   backend.Backend
	backends map[string]backend.Backend
	records  store.Keys
	rotating *lease.Lease
	sameTime func(context.Context) error
	rotation Rotation
	// configured is when this process read which backend makes keys.
	configured time.Time
	clock      clock.Clock
	log        *slog.Logger
	audit      *audit.Recorder
	issuers    *issuer.Set
	uses       []use
	kek        []byte
	operator   bool

	// ring is what calls read; whoever writes it holds writing.
	ring    atomic.Pointer[keyring]
	writing sync.Mutex
}

// New makes the service, with every key that its issuers' configuration asks
// for: it makes those that are missing and opens the others. It fails where a
// key cannot be opened, for a service that lacks a key would refuse in the
// middle of a flow.
func New(ctx context.Context, cfg Config, deps Deps) (*Service, error) {
	cfg = cfg.withDefaults()
	if deps.SameTime == nil {
		deps.SameTime = func(context.Context) error { return nil }
	}
	kek, err := cfg.kek()
	if err != nil {
		return nil, err
	}
	s := &Service{
		records:    store.NewSQL(deps.SQL),
		rotating:   lease.New(deps.SQL, Rotating, leaseLife, deps.Clock).If(deps.SameTime),
		sameTime:   deps.SameTime,
		rotation:   cfg.Rotation,
		configured: deps.Clock.Now(),
		clock:      deps.Clock,
		log:        deps.Log,
		audit:      deps.Audit,
		issuers:    deps.Issuers,
		uses:       usesOf(deps.Issuers),
		kek:        kek,
		operator:   deps.Operator,
	}
	if s.backends, err = backendsOf(kek, cfg, deps.Native); err != nil {
		return nil, err
	}
	if s.making = s.backends[cfg.Backend]; s.making == nil {
		return nil, errBackend(cfg.Backend, s.backendNames())
	}
	s.ring.Store(&keyring{})
	if err := s.refresh(ctx); err != nil && (!s.operator || s.ring.Load().records == nil) {
		return nil, err
	} else if err != nil {
		s.log.WarnContext(ctx, "a key cannot be opened", "cause", err)
	}
	return s, nil
}

func (s *Service) backendNames() string {
	var names []string
	for name := range s.backends {
		names = append(names, name)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Register makes the service's methods known.
func (s *Service) Register(r grpc.ServiceRegistrar) { keysv1.RegisterKeysServiceServer(r, s) }

const (
	// readAgain is how often the records are read for what other replicas and
	// operators did: a withdrawn key signs for this long at most.
	readAgain = 5 * time.Second
	// readTimeout bounds one such reading.
	readTimeout = 10 * time.Second
	// rotateAgain is how often somebody looks whether a key's time is up.
	rotateAgain = 20 * time.Second
	// Rotating is the lease of the replica that makes new keys.
	Rotating = "rotate keys"
	// leaseLife bounds one such look, with the keys that it makes: RSA of 4096
	// bits takes seconds in a small device.
	leaseLife = 2 * time.Minute
)

// Run keeps the keys up to date until ctx ends. Where that fails the keys at hand
// serve on: they were good, and without them nobody gets a token.
func (s *Service) Run(ctx context.Context) error {
	var group sync.WaitGroup
	group.Go(func() { s.repeat(ctx, readAgain, s.refreshInTime) })
	group.Go(func() { s.repeat(ctx, rotateAgain, s.rotateLeased) })
	group.Wait()
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if err := s.rotating.Release(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		s.log.WarnContext(ending, "lease not released; it expires by itself", "cause", err)
	}
	return nil
}

func (s *Service) refreshInTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return s.refresh(ctx)
}

func (s *Service) rotateLeased(ctx context.Context) error {
	_, err := s.rotating.Do(ctx, s.rotateDue)
	return err
}

// Tend does once, and in order, what Run does at intervals.
func (s *Service) Tend(ctx context.Context) error {
	return errors.Join(s.rotateLeased(ctx), s.refreshInTime(ctx))
}

// repeat does something at intervals until ctx ends.
func (s *Service) repeat(ctx context.Context, every time.Duration, do func(context.Context) error) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := do(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "keys not kept up to date", "cause", err)
			}
		}
	}
}
