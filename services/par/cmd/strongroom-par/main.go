// Command strongroom-par keeps pushed authorization requests.
package main

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/clock"
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
		keys, err := env.Conn(rpc.Keys)
		if err != nil {
			return err
		}
		clients, err := env.Conn(rpc.ClientReg)
		if err != nil {
			return err
		}
		redis, err := redisconn.Open(cfg.Redis)
		if err != nil {
			return err
		}
		defer redis.Close()
		return env.Serve(ctx, par.New(cfg.PAR, par.Deps{Keys: keys, Clients: clients, Redis: redis, Clock: clock.System}))
	})
}
