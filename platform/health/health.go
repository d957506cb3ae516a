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
		fault := r.ask(context.WithoutCancel(ctx))
		if (fault == nil) != (r.fault == nil) || r.asked.IsZero() {
			r.tell(ctx, fault)
		}
		r.asked, r.fault = now, fault
	}
	return r.fault
}

// tell writes one line when readiness changes.
func (r *Readiness) tell(ctx context.Context, fault error) {
	if fault != nil {
		r.log.WarnContext(ctx, "not ready", "cause", fault)
		return
	}
	r.log.InfoContext(ctx, "ready")
}

// ask runs every check at the same time; the first fault in their order counts.
func (r *Readiness) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	faults := make([]error, len(r.checks))
	var group sync.WaitGroup
	for n, check := range r.checks {
		group.Go(func() { faults[n] = check.Ask(ctx) })
	}
	group.Wait()
	for n, fault := range faults {
		if fault != nil {
			return fmt.Errorf("%s: %w", r.checks[n].Name, fault)
		}
	}
	return nil
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
