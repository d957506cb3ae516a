package main

import (
	"context"
	"crypto/x509"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
	"github.com/strongroom-fapi/strongroom/sandbox/suite"
	"github.com/strongroom-fapi/strongroom/sandbox/walk"
)

const (
	defaultDir  = ".sandbox"
	defaultPort = 9443
	// defaultIssuer is the one that the first walk goes to.
	defaultIssuer = "fapi2"
)

func placeFlags(flags *flag.FlagSet, o *layout.Options) {
	flags.StringVar(&o.Dir, "dir", defaultDir, "`folder` of keys, certificates, databases and credentials")
	flags.IntVar(&o.Port, "port", defaultPort, "first `port`: authorization server; +1 the same by mutual TLS, +2 the bank's pages, +3 its API, +4 directory, +5 interaction API, +6 admin API")
}

func storeFlags(flags *flag.FlagSet, o *layout.Options) {
	flags.StringVar(&o.Redis, "redis", "", "`URL` of a Redis, such as redis://localhost:6379 (default: an embedded one)")
	flags.Func("limits", "`off` lifts the limits on pushes, token requests and registrations, for load and bulk registration (default on)", func(text string) error {
		if text != "on" && text != "off" {
			return fmt.Errorf("must be on or off")
		}
		o.Unlimited = text == "off"
		return nil
	})
	flags.Func("fetch-allow", "`host:port` that a jwks_uri may be fetched from wherever it is, besides the directory; repeatable", func(text string) error {
		o.FetchAllow = append(o.FetchAllow, text)
		return nil
	})
	flags.StringVar(&o.SQL, "sql", "", "`DSN` of a PostgreSQL, such as postgres://user:password@localhost/strongroom (default: SQLite files in --dir)")
}

// start runs everything in one process, walks a flow and stays up.
func start(ctx context.Context, args []string) error {
	var options layout.Options
	flags := newFlags("", "start everything, walk one flow, stay up until interrupted")
	placeFlags(flags, &options)
	storeFlags(flags, &options)
	noWalk := flags.Bool("no-walk", false, "do not walk a flow after the start")
	logLevel := flags.String("log", "warn", "`level` of the services' log on standard error: debug, info, warn, error")
	if err := flags.Parse(args); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "sandbox: starting in %s; the first start makes keys, certificates and databases\n", options.Dir)
	place, cfg, err := prepare(ctx, options)
	if err != nil {
		return err
	}
	log, closeLog, err := openLog(place, *logLevel)
	if err != nil {
		return err
	}
	defer closeLog()
	issuers, err := place.Issuers()
	if err != nil {
		return err
	}
	services, err := suite.New(ctx, cfg, suite.Deps{Issuers: issuers, Clock: clock.System, Log: log})
	if err != nil {
		return err
	}
	defer services.Close()

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return services.Run(ctx) })
	group.Go(func() error { return ecosystem.RunBank(ctx, cfg.Bank, clock.System, log) })
	group.Go(func() error { return ecosystem.RunDirectory(ctx, cfg.Directory, clock.System, log) })
	group.Go(func() error { return greet(ctx, place, !*noWalk, log) })
	return group.Wait()
}

// prepare makes the sandbox's folder and, where none is given, its Redis.
func prepare(ctx context.Context, options layout.Options) (*layout.Layout, *layout.Configs, error) {
	place, err := layout.Open(options)
	if err != nil {
		return nil, nil, err
	}
	redis := options.Redis
	if redis == "" {
		if redis, err = suite.EmbeddedRedis(ctx); err != nil {
			return nil, nil, err
		}
	}
	cfg, err := place.Configs(redis)
	return place, cfg, err
}

// greet waits until everything answers, says ready, and walks a flow. A walk
// that fails is shown and ends nothing.
func greet(ctx context.Context, place *layout.Layout, walks bool, log *slog.Logger) error {
	if err := awaitReady(ctx, place, readyTimeout); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	if _, err := ensureDemoClient(ctx, place, defaultIssuer); err != nil {
		return err
	}
	fmt.Println("ready")
	if walks {
		if err := walkFlow(ctx, place, walkOptions{issuer: defaultIssuer, binding: walk.MTLS, report: walk.Print(os.Stdout)}); err != nil && ctx.Err() == nil {
			log.WarnContext(ctx, "the walk failed; the sandbox stays up", "cause", err)
		}
		fmt.Println(place.Summary())
	}
	return nil
}

const readyTimeout = time.Minute

// awaitReady asks every public listener until all answer.
func awaitReady(ctx context.Context, place *layout.Layout, patience time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return ecosystem.Await(ctx, trustOf(place), place.HealthURLs())
}

func trustOf(place *layout.Layout) *x509.CertPool { return place.CA.Pool() }
