package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// rendering is a way to run the suite, and the floor of the same topology.
type rendering struct {
	name           string
	product, floor *server
	// beside are the bank and the directory, where they are apart from the suite.
	apart      bool
	beside     processes
	operations []operation
	// first and second are from the start to the first answer, with nothing kept
	// and with what the first start has kept.
	first, second time.Duration
}

// bench is all that runs while it measures.
type bench struct {
	options
	dir        string
	redis      processes
	address    string // of Redis
	core       int    // of all servers
	client     *client
	renderings []*rendering
	collectors []func() // to be ended
}

// prepare builds and starts everything.
func prepare(ctx context.Context, o options) (*bench, error) {
	b, err := lay(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := b.startRenderings(ctx); err != nil {
		return nil, errors.Join(err, context.Cause(ctx), b.close())
	}
	return b, nil
}

// lay builds everything and starts Redis.
func lay(ctx context.Context, o options) (b *bench, err error) {
	generator, servers, err := cores()
	if err != nil {
		return nil, err
	}
	b = &bench{options: o, core: servers, redis: processes{core: servers}}
	defer func() {
		if err != nil {
			err = errors.Join(err, context.Cause(ctx), b.close())
		}
	}()
	if b.dir, err = os.MkdirTemp("", "strongroom-bench-"); err != nil {
		return b, err
	}
	b.say("building")
	if err := build(ctx, b.bin()); err != nil {
		return b, err
	}
	if err := pinSelf(generator); err != nil {
		return b, err
	}
	if b.client, err = newClient(); err != nil {
		return b, err
	}
	b.address, err = startRedis(ctx, &b.redis, b.dir)
	return b, err
}

func (b *bench) startRenderings(ctx context.Context) error {
	starts := map[string]func(context.Context) (*rendering, error){"one": b.oneProcess, "many": b.processes, "telemetry": b.telling}
	for _, name := range []string{"one", "many", "telemetry"} {
		if (b.in != "" && b.in != name && name != "telemetry") || (name == "telemetry" && !b.telemetry) {
			continue
		}
		r, err := starts[name](ctx)
		if r != nil {
			b.keep(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keep adds a rendering, with those of its operations that are to be measured.
func (b *bench) keep(r *rendering) {
	r.operations = slices.DeleteFunc(r.operations, func(op operation) bool { return !b.asks(op) })
	b.renderings = append(b.renderings, r)
}

// close ends and removes everything.
func (b *bench) close() error {
	var faults []error
	for _, r := range b.renderings {
		faults = append(faults, r.beside.stop(), r.product.processes.stop(), r.floor.processes.stop())
	}
	for _, end := range b.collectors {
		end()
	}
	return errors.Join(append(faults, b.redis.stop(), os.RemoveAll(b.dir))...)
}

func (b *bench) bin(name ...string) string {
	return filepath.Join(append([]string{b.dir, "bin"}, name...)...)
}

// say tells the impatient what goes on.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// compare measures every operation of every rendering beside its floor.
func (b *bench) compare(ctx context.Context) (*report, error) {
	out := b.newReport("floor")
	for _, r := range b.renderings {
		for _, op := range r.operations {
			out.Rows = append(out.Rows, &row{Rendering: r.name, Operation: op, of: r})
		}
	}
	err := b.inTurn(ctx, out, func(w *row) (product, base contest) {
		product = contest{w.of.product, w.of.product.ids(w.Operation)}
		if w.of.floor != nil && w.Operation != fullFlow {
			base = contest{w.of.floor, w.of.floor.ids(w.Operation)}
		}
		return product, base
	})
	return out, err
}

// contest is one side of a comparison.
type contest struct {
	server *server // nil: there is no such side
	ids    []string
}

// inTurn measures both sides of each row in every round; which is first changes
// from round to round.
func (b *bench) inTurn(ctx context.Context, out *report, sides func(*row) (contest, contest)) error {
	for round := range b.rounds {
		for _, w := range out.Rows {
			b.say("round %d of %d: %s, %s", round+1, b.rounds, w.Rendering, w.Operation)
			product, base := sides(w)
			one := func(c contest, into *[]figures) error {
				f, err := b.measure(ctx, c, w.Operation)
				*into = append(*into, f)
				return err
			}
			turns := []func() error{
				func() error { return one(product, &w.Product.Rounds) },
			}
			if base.server != nil {
				turns = append(turns, func() error { return one(base, &w.Base.Rounds) })
			}
			if round%2 == 1 {
				slices.Reverse(turns)
			}
			for _, turn := range turns {
				if err := turn(); err != nil {
					return fmt.Errorf("%s, %s: %w", w.Rendering, w.Operation, err)
				}
			}
		}
	}
	out.conclude()
	return nil
}
