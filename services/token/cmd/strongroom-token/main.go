// Command strongroom-token mints, introspects and revokes tokens.
package main

import (
	"context"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/token"
)

func main() {
	var cfg token.ProcessConfig
	process.Main(rpc.Token, "mints, binds, introspects and revokes tokens", &cfg, func(ctx context.Context) error {
		return run(ctx, cfg)
	}, process.Migrate(rpc.Token, &cfg.SQL, token.Migrations))
}

func run(ctx context.Context, cfg token.ProcessConfig) error {
	env, err := process.Open(rpc.Token, cfg.Config)
	if err != nil {
		return err
	}
	defer env.Close()
	deps := token.Deps{Clock: clock.System, Log: env.Log, Audit: env.Audit}
	err = env.Connect(map[rpc.Name]*grpc.ClientConnInterface{
		rpc.Keys: &deps.Keys, rpc.ClientReg: &deps.Clients, rpc.Authorize: &deps.Authorize,
	})
	if err != nil {
		return err
	}
	db, err := sqlconn.Open(ctx, cfg.SQL, "token", token.Migrations)
	if err != nil {
		return err
	}
	defer db.Close()
	env.Telemetry.WatchSQL(rpc.Token, db)
	deps.Sweeps = cfg.SQL.Sweeps()
	env.Telemetry.WatchSweeps(rpc.Token, deps.Sweeps)
	redis, err := redisconn.Open(cfg.Redis)
	if err != nil {
		return err
	}
	defer redis.Close()
	env.Telemetry.WatchRedis(rpc.Token, redis)
	go redisconn.WatchClock(ctx, redis, clock.System, env.Log, env.Telemetry.WatchClock(rpc.Token))
	deps.SQL, deps.Redis = db, redis
	return env.Serve(ctx, token.New(cfg.Token, deps), health.SQL(db), health.Redis(redis))
}
