// Command strongroom-keys-native is strongroom-keys with what needs native libraries:
// keys in a device that speaks PKCS #11, and RSA by OpenSSL.
package main

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/process"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/services/keys"
	"github.com/strongroom-fapi/strongroom/services/keys/command"
)

const name = "strongroom-keys-native"

func main() {
	var cfg ProcessConfig
	if command.Main(command.Program{Name: name, Config: &cfg, Open: cfg.forCommand}) {
		return
	}
	process.Main("keys-native", "holds the keys of every issuer, in a PKCS #11 device or with OpenSSL\n\n"+command.About(name), &cfg, cfg.serve,
		process.Migrate(rpc.Keys, &cfg.SQL, keys.Migrations))
}

func (c *ProcessConfig) forCommand(ctx context.Context) (*keys.Service, func(), error) {
	native, closeNative, err := c.native()
	if err != nil {
		return nil, nil, err
	}
	service, end, err := command.Open(ctx, &c.ProcessConfig, native)
	if err != nil {
		closeNative()
		return nil, nil, err
	}
	return service, func() { end(); closeNative() }, nil
}

func (c *ProcessConfig) serve(ctx context.Context) error {
	env, err := process.Open(rpc.Keys, c.Config)
	if err != nil {
		return err
	}
	defer env.Close()
	native, closeNative, err := c.native()
	if err != nil {
		return err
	}
	defer closeNative()
	service, end, err := command.Assemble(ctx, env, &c.ProcessConfig, native)
	if err != nil {
		return err
	}
	defer end()
	return env.Serve(ctx, service)
}
