// Package command is the command line of the keys service: the service itself, and
// what an operator does with its keys on the same machine, over the same
// configuration file.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/services/keys"
)

// Program is one of the programs that run the keys service.
type Program struct {
	// Name is what it is called, such as strongroom-keys.
	Name string
	// Config is the configuration file to fill in.
	Config config.Validator
	// Open makes the service of the configuration, and what ends it.
	Open func(ctx context.Context) (service *keys.Service, end func(), err error)
}

// command is one thing that an operator can do.
type command struct {
	name, about string
	run         func(ctx context.Context, p Program, args []string, out io.Writer) error
}

// commands are in the order of the help.
var commands = []command{
	{"list", "show every key: what it is for, its state, since when and until when", list},
	{"rotate", "publish the next key of each use, to sign after the lead time", rotate},
	{"withdraw", "end a compromised key at once; what it signed is refused from then on", withdraw},
}

// Main runs the command that the arguments name. It answers false where they name
// none: then the service is to be run.
func Main(p Program) (ran bool) {
	if len(os.Args) < 2 || !isCommand(os.Args[1]) {
		return false
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := Run(ctx, p, os.Args[1:], os.Stdout)
	if errors.Is(err, flag.ErrHelp) {
		return true
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s %s: %v\n", p.Name, os.Args[1], err)
		os.Exit(1)
	}
	return true
}

func isCommand(name string) bool {
	return name == "help" || slices.ContainsFunc(commands, func(c command) bool { return c.name == name })
}

// Run runs one command and writes what it has to say.
func Run(ctx context.Context, p Program, args []string, out io.Writer) error {
	for _, c := range commands {
		if c.name == args[0] {
			return c.run(ctx, p, args[1:], out)
		}
	}
	fmt.Fprint(out, About(p.Name))
	return nil
}

// About lists the commands, for the help of the program.
func About(name string) string {
	text := "Commands for an operator, beside the running service and with its configuration file:\n\n"
	for _, c := range commands {
		text += fmt.Sprintf("  %s %-9s %s\n", name, c.name, c.about)
	}
	return text + fmt.Sprintf("\n%s COMMAND --help tells its options; docs/keys.md what to do when.\n", name)
}

// session is a command with its options read and the service open.
type session struct {
	*keys.Service
	end func()
}

// open reads the options and opens the service.
func open(ctx context.Context, p Program, flags *flag.FlagSet, args []string) (*session, error) {
	file := flags.String("config", "", "path of the service's configuration, a YAML `file`")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected %q: every option has a name, see --help", flags.Arg(0))
	}
	if err := config.Load(*file, p.Config); err != nil {
		return nil, err
	}
	service, end, err := p.Open(ctx)
	if err != nil {
		return nil, err
	}
	return &session{service, end}, nil
}

// newFlags begins the options of a command.
func newFlags(p Program, name, about string) *flag.FlagSet {
	flags := flag.NewFlagSet(p.Name+" "+name, flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "%s\n\nUsage: %s --config FILE [OPTION]...\n\n", about, flags.Name())
		flags.PrintDefaults()
	}
	return flags
}
