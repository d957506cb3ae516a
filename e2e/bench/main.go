// Command bench measures what a pushed authorization request and a token cost,
// in both renderings of the suite: one process, and processes that speak gRPC
// with mutual TLS. Beside each it measures the floor (see the floor folder), the
// least that such a flow costs in the same topology, in turn with the product
// and in the same minutes: on a machine that others use too, the ratio of the
// two is what can be compared from one run to the next.
//
// Servers and a Redis of their own share one core; the generator, this process,
// has another. Whatever has to be signed is signed before the measured time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures what the arguments ask for and prints it. Everything that it
// starts has ended when it returns.
func run(ctx context.Context, args []string) (err error) {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	if o.soak {
		return runSoak(ctx, o)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, o.longest(), errors.New("it takes too long; measure less"))
	defer cancel()
	if o.dirOf != "" {
		report, err := measureDeployment(ctx, o)
		if err != nil {
			return errors.Join(err, context.Cause(ctx))
		}
		return report.write(os.Stdout, o.json)
	}
	b, err := prepare(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.close()) }()

	measure := b.compare
	if o.clients > 0 {
		measure = b.compareClients
	}
	report, err := measure(ctx)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return report.write(os.Stdout, o.json)
}
