// Command strongroom-keys holds the keys of every issuer.
package main

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/keys/command"
)

func main() {
	var cfg keys.ProcessConfig
	native := keys.Native{}
	if command.Main(command.Program{Name: "strongroom-keys", Config: &cfg, Open: func(ctx context.Context) (*keys.Service, func(), error) {
		return command.Open(ctx, &cfg, native)
	}}) {
		return
	}
	process.Main(rpc.Keys, "holds the keys of every issuer\n\n"+command.About("strongroom-keys"), &cfg, func(ctx context.Context) error {
		env, err := process.Open(rpc.Keys, cfg.Config)
		if err != nil {
			return err
		}
		defer env.Close()
		service, end, err := command.Assemble(ctx, env, &cfg, native)
		if err != nil {
			return err
		}
		defer end()
		return env.Serve(ctx, service)
	}, process.Migrate(rpc.Keys, &cfg.SQL, keys.Migrations))
}
