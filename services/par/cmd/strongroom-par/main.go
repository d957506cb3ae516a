// Command strongroom-par keeps pushed authorization requests.
package main

import (
	"context"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/par"
)

func main() {
	var cfg par.ProcessConfig
	process.Main(rpc.PAR, "keeps pushed authorization requests", &cfg, func(ctx context.Context) error {
		env, err := process.Open(rpc.PAR, cfg.Config)
		if err != nil {
			return err
		}
		defer env.Close()
		deps := par.Deps{Clock: clock.System, Log: env.Log}
		err = env.Connect(map[rpc.Name]*grpc.ClientConnInterface{rpc.Keys: &deps.Keys, rpc.ClientReg: &deps.Clients})
		if err != nil {
			return err
		}
		redis, err := redisconn.Open(cfg.Redis)
		if err != nil {
			return err
		}
		defer redis.Close()
		env.Telemetry.WatchRedis(rpc.PAR, redis)
		go redisconn.WatchClock(ctx, redis, clock.System, env.Log, env.Telemetry.WatchClock(rpc.PAR))
		deps.Redis = redis
		return env.Serve(ctx, par.New(cfg.PAR, deps), health.Redis(redis))
	})
}
