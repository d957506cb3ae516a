package rig

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"

	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

const module = "github.com/strongroom-fapi/strongroom/"

var packages = []string{
	module + "services/keys/cmd/strongroom-keys",
	module + "services/clientreg/cmd/strongroom-clientreg",
	module + "services/par/cmd/strongroom-par",
	module + "services/authorize/cmd/strongroom-authorize",
	module + "services/token/cmd/strongroom-token",
	module + "gateway/cmd/strongroom-gateway",
	module + "sandbox",
}

// prepare is what every start of processes begins with: it builds the binaries and
// lays a suite out on real stores.
func (s *Suite) prepare(ctx context.Context, redisDatabase string) error {
	options, err := s.options(ctx, redisDatabase)
	if err != nil {
		return err
	}
	if options.Redis == "" || options.SQL == "" {
		return errNoStores
	}
	if s.bin = s.special.Binaries; s.bin == "" {
		if s.bin, err = s.folder(); err != nil {
			return err
		}
		if err := Build(ctx, s.bin); err != nil {
			return err
		}
	}
	if err := s.initialise(ctx, options); err != nil {
		return err
	}
	s.Layout, err = layout.Open(options)
	return err
}

// Build builds the binaries into a folder.
func Build(ctx context.Context, bin string) error {
	arguments := []string{"build", "-o", bin + "/"}
	if raceDetector { // races in the services are faults too; and their packages are built already
		arguments = append(arguments, "-race")
	}
	output, err := exec.CommandContext(ctx, "go", append(arguments, packages...)...).CombinedOutput() //nolint:gosec // G204: the packages above
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, output)
	}
	return nil
}

// initialise lets the sandbox write keys, certificates and configurations.
func (s *Suite) initialise(ctx context.Context, o layout.Options) error {
	command := exec.CommandContext(ctx, filepath.Join(s.bin, "sandbox"), "init", //nolint:gosec // G204: what the rig built itself
		"--dir", o.Dir, "--port", fmt.Sprint(o.Port), "--redis", o.Redis, "--sql", o.SQL, "--fetch-allow", s.publisher.host(),
		"--limits", s.special.limits())
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("sandbox init: %w\n%s", err, output)
	}
	return nil
}
