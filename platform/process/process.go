// Package process is what every binary of the suite begins and ends with: its
// flags, its configuration, its signals, and its listener for the other
// services.
package process

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/health"
	"github.com/strongroom-fapi/strongroom/platform/logging"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
)

// Config is what every service's configuration begins with.
type Config struct {
	// Listen is the address for calls of other services and of the command
	// health, host:port.
	Listen string `yaml:"listen"`
	// TLS proves this process to the others, and the others to it.
	TLS network.Identity `yaml:"tls"`
	// Issuers is a folder with one YAML file per issuer, the same everywhere.
	Issuers string `yaml:"issuers"`
	// Services are the addresses of those that this one calls, host:port. A name
	// that leads to several addresses is as many replicas; where no name does,
	// commas stand between them.
	Services  network.Addresses `yaml:"services"`
	Log       logging.Config    `yaml:"log"`
	Audit     audit.Config      `yaml:"audit"`
	Telemetry telemetry.Config  `yaml:"telemetry"`
	// Drain is how long calls in progress may take to end when the process is
	// asked to. Default 10s.
	Drain time.Duration `yaml:"drain"`
}

// Validate tells every fault.
func (c Config) Validate() error {
	var faults []error
	if c.Issuers == "" {
		faults = append(faults, errors.New("issuers is required: the folder of the issuers' files"))
	}
	if _, port, err := net.SplitHostPort(c.Listen); err != nil || port == "" {
		faults = append(faults, fmt.Errorf("listen must be host:port, for calls of the other services and for the command health, not %q", c.Listen))
	}
	if c.Drain < 0 {
		faults = append(faults, fmt.Errorf("drain must be a duration such as 10s, not %s", c.Drain))
	}
	faults = append(faults, c.TLS.Validate(), c.Services.Validate(), c.Log.Validate(), c.Audit.Validate(), c.Telemetry.Validate())
	return errors.Join(faults...)
}

// Version is the version that the binary was built from.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// Env is what a process has before its service is made.
type Env struct {
	Issuers *issuer.Set
	Log     *slog.Logger
	// Audit is nil where no audit trail is configured; that keeps nothing.
	Audit *audit.Recorder
	// Telemetry is nil where none is configured; that tells nothing.
	Telemetry *telemetry.Telemetry
	name      rpc.Name
	cfg       Config
	behind    []health.Check
	needs     []health.Check
}

// Open loads the issuers and begins the log and the audit trail. Close it at the
// end.
func Open(name rpc.Name, cfg Config) (*Env, error) {
	log, err := logging.New(cfg.Log, os.Stderr, string(name))
	if err != nil {
		return nil, err
	}
	logging.Libraries(log)
	tellMemory(log)
	set, err := issuer.Load(cfg.Issuers)
	if err != nil {
		return nil, fmt.Errorf("issuers: %w", err)
	}
	recorder, err := audit.Open(cfg.Audit, string(name), clock.System, log)
	if err != nil {
		return nil, err
	}
	told, err := telemetry.Open(context.Background(), cfg.Telemetry, string(name), Version(), log)
	if err != nil {
		return nil, errors.Join(err, recorder.Close())
	}
	told.WatchAudit(name, recorder)
	return &Env{Issuers: set, Log: log, Audit: recorder, Telemetry: told, name: name, cfg: cfg}, nil
}

// Close writes and sends what the audit trail and telemetry have not yet.
func (e *Env) Close() error { return errors.Join(e.Audit.Close(), e.Telemetry.Close()) }

// Connect fills in a connection to each service that this one calls.
func (e *Env) Connect(conns map[rpc.Name]*grpc.ClientConnInterface) error {
	if err := e.cfg.TLS.Is(e.name); err != nil {
		return err
	}
	for callee, conn := range conns {
		made, err := network.Dial(e.cfg.TLS, e.cfg.Services, callee, e.Log)
		if err != nil {
			return err
		}
		*conn = made
		e.behind = append(e.behind, health.Check{Name: string(callee), Ask: health.Of(made)})
	}
	return nil
}

// Behind asks each connected service whether it is ready: for the edge alone,
// which can do nothing without them. A service is ready when its own stores are.
func (e *Env) Behind() []health.Check { return e.behind }

// Needs adds to what Serve checks, for whoever opens a store elsewhere.
func (e *Env) Needs(checks ...health.Check) { e.needs = append(e.needs, checks...) }

// Service is one of the suite, as its process sees it.
type Service interface {
	// Register makes the service's methods known.
	Register(grpc.ServiceRegistrar)
	// Run does what the service does on its own, until ctx ends.
	Run(ctx context.Context) error
}

// Serve listens for the other services and runs the service until ctx ends. It
// is ready while every check is; and no longer when the end was asked for.
func (e *Env) Serve(ctx context.Context, service Service, checks ...health.Check) error {
	if err := e.cfg.TLS.Is(e.name); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", e.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	e.Log.InfoContext(ctx, "listening", "address", listener.Addr().String())
	ready := health.New(e.Log, append(checks, e.needs...)...)
	context.AfterFunc(ctx, ready.Leave)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return service.Run(ctx) })
	group.Go(func() error {
		server := network.Server{
			Identity: e.cfg.TLS, Interceptor: rpc.ServerInterceptor(e.name, e.Issuers, e.Log, e.Audit, e.Telemetry.Of(e.name)),
			StreamInterceptor: rpc.StreamInterceptor(e.name, e.Log, e.Audit, e.Telemetry.Of(e.name)), Drain: e.cfg.Drain, Log: e.Log,
		}
		return server.Serve(ctx, listener, service.Register, ready.Register)
	})
	return group.Wait()
}
