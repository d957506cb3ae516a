// Command strongroom-clientreg knows the clients.
package main

import (
	"context"
	"fmt"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

func main() {
	var cfg clientreg.ProcessConfig
	process.Main(rpc.ClientReg, "knows the clients, and how a client proves itself", &cfg, func(ctx context.Context) error {
		env, err := process.Open(rpc.ClientReg, cfg.Config)
		if err != nil {
			return err
		}
		defer env.Close()
		db, err := sqlconn.Open(ctx, cfg.SQL, string(rpc.ClientReg), clientreg.Migrations)
		if err != nil {
			return err
		}
		defer db.Close()
		env.Telemetry.WatchSQL(rpc.ClientReg, db)
		redis, err := redisconn.Open(cfg.Redis)
		if err != nil {
			return err
		}
		defer redis.Close()
		env.Telemetry.WatchRedis(rpc.ClientReg, redis)
		go redisconn.WatchClock(ctx, redis, clock.System, env.Log, env.Telemetry.WatchClock(rpc.ClientReg))
		sockets, err := https.Listen(cfg.Registry.Admin.Listen)
		if err != nil {
			return fmt.Errorf("admin.listen: %w", err)
		}
		service, err := clientreg.New(cfg.Registry, clientreg.Deps{
			SQL: db, Redis: redis, Issuers: env.Issuers, Clock: clock.System, Log: env.Log, Audit: env.Audit, Telemetry: env.Telemetry, Operators: sockets,
		})
		if err != nil {
			return err
		}
		return env.Serve(ctx, service, health.SQL(db), health.Redis(redis))
	}, process.Migrate(rpc.ClientReg, &cfg.SQL, clientreg.Migrations))
}
