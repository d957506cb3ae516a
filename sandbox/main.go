// Command sandbox is a whole FAPI ecosystem on one machine: the suite, a demo
// bank, a trust framework's directory, and a client that walks a flow through
// them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/strongroom-fapi/strongroom/platform/process"
)

const usage = `sandbox: a whole FAPI ecosystem on this machine

Usage:
  sandbox [flags]             start everything, walk one flow, stay up
  sandbox flow [flags]        walk another flow against a running sandbox
  sandbox explain [flags] ID  what was refused under an x-fapi-interaction-id, and by which rule
  sandbox audit verify|export [flags]  check the audit trail, or take out what concerns a client or a grant
  sandbox init [flags]        only write keys, certificates and configuration files
  sandbox bank --config F     run the demo bank alone
  sandbox directory --config F  run the directory alone
  sandbox health --ca F URL...  ask the bank or the directory whether it serves
  sandbox --version

Each command has --help. Everything it makes is kept in --dir.
`

// commands by name; the empty name is the sandbox itself.
var commands = map[string]func(ctx context.Context, args []string) error{
	"":          start,
	"flow":      flow,
	"explain":   explain,
	"audit":     auditTrail,
	"init":      initialise,
	"bank":      runBank,
	"directory": runDirectory,
	"health":    health,
}

func main() {
	process.TuneGC()
	stopProfile := process.Profile()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	stopProfile()
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	if len(args) > 0 && (args[0] == "--version" || args[0] == "-version") {
		fmt.Println("sandbox", process.Version())
		return nil
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprint(os.Stderr, usage)
		return fmt.Errorf("there is no command %q", name)
	}
	return command(ctx, args)
}

// newFlags begins a command's flags; its help begins with what all commands are.
func newFlags(name, about string) *flag.FlagSet {
	flags := flag.NewFlagSet("sandbox"+name, flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "%s\n\nsandbox%s: %s\n\n", usage, name, about)
		flags.PrintDefaults()
	}
	return flags
}
