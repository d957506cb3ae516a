// Command strongroom-authorize is the user's side of a flow.
package main

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/clock"
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
	})
}

func run(ctx context.Context, cfg authorize.ProcessConfig) error {
	env, err := process.Open(rpc.Authorize, cfg.Config)
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
	requests, err := env.Conn(rpc.PAR)
	if err != nil {
		return err
	}
	redis, err := redisconn.Open(cfg.Redis)
	if err != nil {
		return err
	}
	defer redis.Close()
	db, err := sqlconn.Open(ctx, cfg.SQL, "authorize", authorize.Migrations)
	if err != nil {
		return err
	}
	defer db.Close()
	interactions, err := https.Listen(cfg.Authorize.Interaction.Listen)
	if err != nil {
		return err
	}
	return env.Serve(ctx, authorize.New(cfg.Authorize, authorize.Deps{
		Keys:         keys,
		Clients:      clients,
		Requests:     requests,
		Redis:        redis,
		SQL:          db,
		Issuers:      env.Issuers,
		Clock:        clock.System,
		Log:          env.Log,
		Interactions: interactions,
	}))
}
