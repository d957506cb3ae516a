package process

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
)

// Configuration is that of one process: its own members, and a Config.
type Configuration interface {
	config.Validator
	// common is the Config in it.
	common() Config
}

func (c Config) common() Config { return c }

// Command is something else that a binary does with its configuration, by name:
// strongroom-keys NAME --config FILE.
type Command struct {
	Name  string
	About string
	// Run says what it did on out.
	Run func(ctx context.Context, out io.Writer) error
}

// Main runs one service: it reads --config into cfg, and calls start with a
// context that ends at SIGINT or SIGTERM. With the name of a command before
// --config it does that instead; every process has the command health.
func Main(name rpc.Name, about string, cfg Configuration, start func(ctx context.Context) error, commands ...Command) {
	program := "strongroom-" + string(name)
	commands = append(commands, Command{"health", "ask the running process whether it is ready; fails where it is not", func(ctx context.Context, out io.Writer) error {
		// keys-native is another build of keys, under the same name to the others.
		return askHealth(ctx, rpc.Name(strings.TrimSuffix(string(name), "-native")), cfg.common(), out)
	}})
	run := untilAsked(start)
	arguments := os.Args[1:]
	for _, command := range commands {
		if len(arguments) > 0 && arguments[0] == command.Name {
			arguments = arguments[1:]
			run = func(ctx context.Context) error { return command.Run(ctx, os.Stdout) }
			break
		}
	}
	flags := flag.NewFlagSet(program, flag.ExitOnError)
	file := flags.String("config", "", "path of the configuration, a YAML `file`")
	version := flags.Bool("version", false, "print the version and exit")
	flags.Usage = func() { usage(flags, about, commands) }
	_ = flags.Parse(arguments)
	if *version {
		fmt.Println(program, Version())
		return
	}
	var err error
	if flags.NArg() > 0 {
		err = fmt.Errorf("there is no command %q; --help lists them", flags.Arg(0))
	} else {
		err = runWith(*file, cfg, run)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", program, inOneLine(err))
		os.Exit(1)
	}
}

// inOneLine keeps what a library tells on several lines together.
func inOneLine(err error) string {
	lines := strings.FieldsFunc(err.Error(), func(r rune) bool { return r == '\n' || r == '\r' })
	for n := range lines {
		lines[n] = strings.TrimSpace(lines[n])
	}
	return strings.Join(lines, "; ")
}

// untilAsked makes of a start that a signal interrupts the good end that it is: an
// orchestrator may think better of it before anything listens.
func untilAsked(start func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		err := start(ctx)
		if err != nil && ctx.Err() != nil && cancelled(ctx, err) {
			return nil
		}
		return err
	}
}

// cancelled tells whether an error, in all its parts, is the end of ctx: what else
// went wrong beside it is a fault.
func cancelled(ctx context.Context, err error) bool {
	if err == context.Canceled || err == context.Cause(ctx) { //nolint:errorlint // each part is looked at by itself
		return true
	}
	if parts, ok := err.(interface{ Unwrap() []error }); ok {
		return !slices.ContainsFunc(parts.Unwrap(), func(part error) bool { return !cancelled(ctx, part) })
	}
	inner := errors.Unwrap(err)
	return inner != nil && cancelled(ctx, inner)
}

func usage(flags *flag.FlagSet, about string, commands []Command) {
	out := flags.Output()
	fmt.Fprintf(out, "%s: %s\n\nUsage:\n  %-46s run the service\n", flags.Name(), about, flags.Name()+" --config FILE")
	for _, command := range commands {
		fmt.Fprintf(out, "  %-46s %s\n", flags.Name()+" "+command.Name+" --config FILE", command.About)
	}
	fmt.Fprintln(out)
	flags.PrintDefaults()
	fmt.Fprintln(out, "\nEvery member of the file is described in docs/configuration.md.")
}

func runWith(file string, cfg Configuration, run func(context.Context) error) error {
	TuneGC()
	stopProfile := Profile()
	defer stopProfile()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := config.Load(file, cfg); err != nil {
		return err
	}
	return run(ctx)
}
