// Command strongroom-keys holds the signing keys.
package main

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/services/keys"
)

func main() {
	var cfg keys.ProcessConfig
	process.Main(rpc.Keys, "holds the signing keys", &cfg, func(ctx context.Context) error {
		env, err := process.Open(rpc.Keys, cfg.Config)
		if err != nil {
			return err
		}
		defer env.Close()
		db, err := sqlconn.Open(ctx, cfg.SQL, string(rpc.Keys), keys.Migrations)
		if err != nil {
			return err
		}
		defer db.Close()
		service, err := keys.New(ctx, cfg.Keys, keys.Deps{SQL: db, Clock: clock.System, Log: env.Log, Audit: env.Audit, Issuers: env.Issuers})
		if err != nil {
			return err
		}
		return env.Serve(ctx, service)
	})
}
