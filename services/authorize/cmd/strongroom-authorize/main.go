// Command strongroom-authorize is the user's side of a flow.
package main

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/authorize"
)

func main() {
	var cfg authorize.ProcessConfig
	process.Main(rpc.Authorize, "sends users to the bank's pages, keeps grants, hands out codes", &cfg, func(ctx context.Context) error {
		return run(ctx, cfg)
	}, process.Migrate(rpc.Authorize, &cfg.SQL, authorize.Migrations))
}

func run(ctx context.Context, cfg authorize.ProcessConfig) error {
	env, err := process.Open(rpc.Authorize, cfg.Config)
	if err != nil {
		return err
	}
	defer env.Close()
	deps := authorize.Deps{Issuers: env.Issuers, Clock: clock.System, Log: env.Log, Audit: env.Audit, Telemetry: env.Telemetry}
	err = env.Connect(map[rpc.Name]*grpc.ClientConnInterface{
		rpc.Keys: &deps.Keys, rpc.ClientReg: &deps.Clients, rpc.PAR: &deps.Requests,
	})
	if err != nil {
		return err
	}
	redis, err := redisconn.Open(cfg.Redis)
	if err != nil {
		return err
	}
	defer redis.Close()
	env.Telemetry.WatchRedis(rpc.Authorize, redis)
	go redisconn.WatchClock(ctx, redis, clock.System, env.Log, env.Telemetry.WatchClock(rpc.Authorize))
	db, err := sqlconn.Open(ctx, cfg.SQL, "authorize", authorize.Migrations)
	if err != nil {
		return err
	}
	defer db.Close()
	env.Telemetry.WatchSQL(rpc.Authorize, db)
	deps.Sweeps = cfg.SQL.Sweeps()
	env.Telemetry.WatchSweeps(rpc.Authorize, deps.Sweeps)
	if deps.Interactions, err = https.Listen(cfg.Authorize.Interaction.Listen); err != nil {
		return fmt.Errorf("interaction.listen: %w", err)
	}
	deps.Redis, deps.SQL = redis, db
	return env.Serve(ctx, authorize.New(cfg.Authorize, deps), health.SQL(db), health.Redis(redis))
}
