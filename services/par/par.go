// Package par takes, validates and keeps pushed authorization requests
// (RFC 9126). It is the one way into a flow.
package par

import (
	"context"
	"log/slog"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/dpop"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
	"github.com/strongroom-fapi/strongroom/services/par/internal/store"
)

// Deps is what the service is given.
type Deps struct {
	Keys    grpc.ClientConnInterface
	Clients grpc.ClientConnInterface
	Redis   *redisconn.Client
	Clock   clock.Clock
	Log     *slog.Logger
}

// Service implements PushedAuthorizationService.
type Service struct {
	parv1.UnimplementedPushedAuthorizationServiceServer
	clients  clientregv1.ClientRegistryServiceClient
	requests store.Requests
	proofs   *dpop.Verifier
	limit    int
	redis    *redisconn.Client
	clock    clock.Clock
	log      *slog.Logger
}

// New makes the service.
func New(cfg Config, deps Deps) *Service {
	return &Service{
		clients:  clientregv1.NewClientRegistryServiceClient(deps.Clients),
		requests: store.NewRedis(deps.Redis),
		proofs:   dpop.New(rpc.PAR, keysv1.NewKeysServiceClient(deps.Keys), deps.Redis, deps.Clock),
		limit:    cfg.limit(),
		redis:    deps.Redis,
		clock:    deps.Clock,
		log:      deps.Log,
	}
}

// Register makes the service's methods known.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	parv1.RegisterPushedAuthorizationServiceServer(r, s)
}

// Run looks after the store; what is kept there expires by itself.
func (s *Service) Run(ctx context.Context) error {
	return s.redis.WatchBirths(ctx, &redisconn.Watcher{Service: string(rpc.PAR), Log: s.log})
}
