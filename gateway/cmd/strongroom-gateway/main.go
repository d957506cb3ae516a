// Command strongroom-gateway is the HTTP edge of the suite.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/gateway"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "explain-certificate" {
		err := explain(os.Args[2:], os.Stdin, os.Stdout)
		if err != nil && !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "strongroom-gateway:", err)
			os.Exit(1)
		}
		return
	}
	var cfg gateway.ProcessConfig
	process.Main(rpc.Gateway, "the HTTP edge of the suite; explain-certificate --help tells of its other command", &cfg, func(ctx context.Context) error {
		return run(ctx, cfg)
	})
}

func run(ctx context.Context, cfg gateway.ProcessConfig) error {
	env, err := process.Open(rpc.Gateway, cfg.Config)
	if err != nil {
		return err
	}
	defer env.Close()
	deps := gateway.Deps{Issuers: env.Issuers, Clock: clock.System, Log: env.Log, Audit: env.Audit, Telemetry: env.Telemetry}
	err = env.Connect(map[rpc.Name]*grpc.ClientConnInterface{
		rpc.Keys: &deps.Keys, rpc.ClientReg: &deps.Clients, rpc.PAR: &deps.Requests, rpc.Authorize: &deps.Authorize, rpc.Token: &deps.Token,
	})
	if err != nil {
		return err
	}
	g, err := gateway.New(cfg.Gateway, deps)
	if err != nil {
		return err
	}
	sockets, err := cfg.Gateway.Open(env.Log)
	if err != nil {
		return err
	}
	env.Log.InfoContext(ctx, "listening", "public", cfg.Gateway.Public, "mutual", cfg.Gateway.Mutual)
	return env.Serve(ctx, gateway.Edge{Gateway: g, Sockets: sockets}, env.Behind()...)
}
