// Package health tells whether a process can do its work: whether its own stores
// answer, or, at the edge, the services behind it. It speaks gRPC's health
// protocol, so that a process asks another, a container asks its own, and a
// platform asks any.
package health

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
)

// Check is one thing that a process cannot do without.
type Check struct {
	// Name is what the log calls it: redis, sql, or a service.
	Name string
	// Ask answers nil where it is there.
	Ask func(context.Context) error
	// Spared tells that the process answers from memory without it: it says that it
	// is not ready, and calls still go to it.
	Spared bool
}

// SparedFor is a check of what a process goes on without.
func SparedFor(check Check) Check {
	check.Spared = true
	return check
}

const (
	// patience is how long one check may take.
	patience = time.Second
	// keep is how long an answer stands, so that whoever asks often does not
	// become a load of its own.
	keep = time.Second
)

// Readiness is a health service over checks.
type Readiness struct {
	healthv1.UnimplementedHealthServer
	checks []Check
	log    *slog.Logger
	now    func() time.Time

	// left is closed when the process is about to end.
	left  chan struct{}
	leave sync.Once

	mu    sync.Mutex
	asked time.Time
	fault error
	// shut is the first fault of a check that is not spared.
	shut error
}

// New makes one that is ready whenever every check is.
func New(log *slog.Logger, checks ...Check) *Readiness {
	return &Readiness{log: log, checks: checks, now: time.Now, left: make(chan struct{})}
}

// Register makes the service known.
func (r *Readiness) Register(s grpc.ServiceRegistrar) { healthv1.RegisterHealthServer(s, r) }

// Leave makes it unready for good: the process is about to end.
func (r *Readiness) Leave() { r.leave.Do(func() { close(r.left) }) }

func (r *Readiness) leaving() bool {
	select {
	case <-r.left:
		return true
	default:
		return false
	}
}

// Ready answers nil, or what is missing.
func (r *Readiness) Ready(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.leaving() {
		return fmt.Errorf("the process is about to end")
	}
	if now := r.now(); r.asked.IsZero() || now.Sub(r.asked) >= keep {
		fault, shut := r.ask(context.WithoutCancel(ctx))
		if (fault == nil) != (r.fault == nil) || r.asked.IsZero() {
			r.tell(ctx, fault)
		}
		r.asked, r.fault, r.shut = now, fault, shut
	}
	return r.fault
}

// Open answers nil where calls should come: what a process can do from memory it does
// while it is not ready.
func (r *Readiness) Open(ctx context.Context) error {
	err := r.Ready(ctx)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil || r.leaving() {
		return err
	}
	return r.shut
}

// tell writes one line when readiness changes.
func (r *Readiness) tell(ctx context.Context, fault error) {
	if fault != nil {
		r.log.WarnContext(ctx, "not ready", "cause", fault)
		return
	}
	r.log.InfoContext(ctx, "ready")
}

// ask runs every check at the same time; the first fault in their order counts, and
// the first that nothing is done without.
func (r *Readiness) ask(ctx context.Context) (fault, shut error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	faults := make([]error, len(r.checks))
	var group sync.WaitGroup
	for n, check := range r.checks {
		group.Go(func() { faults[n] = check.Ask(ctx) })
	}
	group.Wait()
	for n, found := range faults {
		if found == nil {
			continue
		}
		found = fmt.Errorf("%s: %w", r.checks[n].Name, found)
		if fault == nil {
			fault = found
		}
		if !r.checks[n].Spared && shut == nil {
			shut = found
		}
	}
	return fault, shut
}

// Check is the RPC. What is missing stands in the log, and in the message for
// whoever may call: a part of the suite.
func (r *Readiness) Check(ctx context.Context, request *healthv1.HealthCheckRequest) (*healthv1.HealthCheckResponse, error) {
	if request.GetService() != "" {
		return nil, status.Error(codes.NotFound, "there is one health, of the whole process")
	}
	if err := r.Ready(ctx); err != nil {
		return nil, status.Error(codes.Unavailable, "not ready: "+err.Error())
	}
	return &healthv1.HealthCheckResponse{Status: healthv1.HealthCheckResponse_SERVING}, nil
}

// Of asks another process whether it is ready.
func Of(conn grpc.ClientConnInterface) func(context.Context) error {
	return func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		answer, err := healthv1.NewHealthClient(conn).Check(ctx, &healthv1.HealthCheckRequest{})
		if err == nil && answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
			err = fmt.Errorf("it answers %s", answer.GetStatus())
		}
		return err
	}
}
