// Package keys holds the signing keys of every issuer. Nobody else can sign:
// private keys never leave this service or its key backend (C4), and it signs
// by purpose and caller (B8).
package keys

import (
	"context"
	"database/sql"
	"io/fs"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/backend/software"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// Migrations make the tables of this service; for sqlconn.Open.
var Migrations fs.FS = store.Migrations

// Deps is what the service is given.
type Deps struct {
	// SQL has the Migrations applied.
	SQL   *sql.DB
	Clock clock.Clock
	Log   *slog.Logger
	// Audit may be nil: then nothing is kept.
	Audit   *audit.Recorder
	Issuers *issuer.Set
}

// Service implements KeysService.
type Service struct {
	keysv1.UnimplementedKeysServiceServer
	backend backend.Backend
	records store.Keys
	clock   clock.Clock
	log     *slog.Logger
	issuers *issuer.Set
	uses    []use
	kek     []byte

	// ring is what calls read; whoever writes it holds writing.
	ring    atomic.Pointer[keyring]
	writing sync.Mutex
}

// New makes the service, with every key that its issuers' configuration asks
// for: it makes those that are missing and opens the others. It fails where a
// key cannot be opened, for a service that lacks a key would refuse in the
// middle of a flow.
func New(ctx context.Context, cfg Config, deps Deps) (*Service, error) {
	kek, err := cfg.kek()
	if err != nil {
		return nil, err
	}
	wrapping, err := software.New(kek)
	if err != nil {
		return nil, err
	}
	s := &Service{
		backend: wrapping,
		records: store.NewSQL(deps.SQL),
		clock:   deps.Clock,
		log:     deps.Log,
		issuers: deps.Issuers,
		uses:    usesOf(deps.Issuers),
		kek:     kek,
	}
	s.ring.Store(&keyring{})
	if err := s.refresh(ctx); err != nil {
		return nil, err
	}
	return s, nil
}

// Register makes the service's methods known.
func (s *Service) Register(r grpc.ServiceRegistrar) { keysv1.RegisterKeysServiceServer(r, s) }

const (
	// readAgain is how often the records are read for what other replicas made
	// or retired.
	readAgain = time.Minute
	// readTimeout bounds one such reading.
	readTimeout = 10 * time.Second
)

// Run reads the records again each minute until ctx ends. Where that fails the
// keys at hand serve on: they were good, and without them nobody gets a token.
func (s *Service) Run(ctx context.Context) error {
	ticker := time.NewTicker(readAgain)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
			if err := s.refreshInTime(ctx); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "signing keys not read again", "cause", err)
			}
		}
	}
}

func (s *Service) refreshInTime(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return s.refresh(ctx)
}
