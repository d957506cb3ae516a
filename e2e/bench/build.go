package main

import (
	"context"
	"fmt"
	"os/exec"
)

const module = "github.com/strongroom-fapi/strongroom/"

// services are the binaries of the rendering as processes, in the order of
// calls: who is called stands before who calls.
var services = []string{"keys", "clientreg", "par", "authorize", "token", "gateway"}

func build(ctx context.Context, bin string) error {
	args := []string{"build", "-o", bin + "/", module + "sandbox", module + "e2e/bench/floor", module + "gateway/cmd/strongroom-gateway"}
	for _, name := range services[:len(services)-1] {
		args = append(args, module+"services/"+name+"/cmd/strongroom-"+name)
	}
	if output, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go build, which wants to be run in the repository: %w\n%s", err, output)
	}
	return nil
}
