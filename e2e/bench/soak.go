package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"
)

// soak is a suite as processes on real stores, under a gentle load of full flows
// for a long time: what is kept must end, and what is used must be given back.
type soak struct {
	*bench
	product *rendering
	walker  *walker
	stores  *stores

	flows, errors, missed atomic.Int64
	mu                    sync.Mutex
	fault                 error // the last one
}

// runSoak prints a line each minute, and fails where something grew or flows did.
func runSoak(ctx context.Context, o options) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.time+10*time.Minute, errors.New("it takes too long"))
	defer cancel()
	b, err := lay(ctx, o)
	if err != nil {
		return err
	}
	s := &soak{bench: b}
	defer func() { err = errors.Join(err, s.end()) }()
	if err := s.start(ctx); err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	seen, err := s.run(ctx)
	if err != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return s.judge(os.Stdout, seen)
}

func (s *soak) end() error {
	var faults []error
	if s.walker != nil {
		s.walker.close()
	}
	if s.stores != nil {
		faults = append(faults, s.stores.close())
	}
	return errors.Join(append(faults, s.close())...)
}

// start lays out the suite with the soak's short lifetimes, and registers a client.
func (s *soak) start(ctx context.Context) error {
	r, at, err := s.place("processes", nil)
	if err != nil {
		return err
	}
	at.sql, s.product, s.renderings = s.sql, r, []*rendering{r}
	if err := s.initialise(ctx, at); err != nil {
		return err
	}
	if err := shorten(at.dir); err != nil {
		return err
	}
	s.say("starting: %s, on %s", r.name, "Redis and PostgreSQL")
	if _, err := r.product.start(ctx, at, s.startServices(at)); err != nil {
		return err
	}
	r.apart = true
	if err := s.startBank(r, at); err != nil {
		return err
	}
	if err := s.enrol(ctx, r.product, at); err != nil {
		return err
	}
	s.walker = newWalker(s.client, r.product, r.product.bound[0], r.product.api)
	if s.stores, err = openStores(s.address, s.sql); err != nil {
		return err
	}
	return try(ctx, time.Minute, time.Second, func() error { return s.walker.walk(ctx) })
}

// initialise lets the sandbox write keys, certificates and configurations.
func (b *bench) initialise(ctx context.Context, at place) error {
	output, err := exec.CommandContext(ctx, b.bin("sandbox"), append([]string{"init"}, at.args("1")...)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("sandbox init: %w\n%s", err, output)
	}
	return nil
}

// run lets flows begin at a steady rate and looks once a minute.
func (s *soak) run(ctx context.Context) ([]sample, error) {
	ctx, stop := context.WithTimeout(ctx, s.time)
	defer stop()
	var group sync.WaitGroup
	defer group.Wait()
	begin := make(chan struct{})
	for range connections {
		group.Go(func() {
			for range begin {
				s.walkOnce(ctx)
			}
		})
	}
	group.Go(func() {
		defer close(begin)
		s.pace(ctx, begin)
	})
	return s.watch(ctx)
}

// pace begins flows; one for which nobody is free is missed, and never made up for.
func (s *soak) pace(ctx context.Context, begin chan<- struct{}) {
	ticker := time.NewTicker(time.Duration(float64(time.Second) / s.rate))
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		select {
		case begin <- struct{}{}:
		default:
			s.missed.Add(1)
		}
	}
}

func (s *soak) walkOnce(ctx context.Context) {
	err := s.walker.walk(ctx)
	switch {
	case err == nil:
		s.flows.Add(1)
	case ctx.Err() == nil:
		s.errors.Add(1)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.fault = err
	}
}

// lastFault is the last error of a flow since it was last asked for.
func (s *soak) lastFault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.fault
	s.fault = nil
	return err
}

// lookEvery is how often the soak tells how things are.
const lookEvery = time.Minute

// watch takes a sample a minute, and prints it, until ctx ends.
func (s *soak) watch(ctx context.Context) ([]sample, error) {
	var seen []sample
	ticker := time.NewTicker(min(lookEvery, s.time/30))
	defer ticker.Stop()
	for began := time.Now(); ; {
		select {
		case <-ctx.Done():
			return seen, nil
		case <-ticker.C:
		}
		one, err := s.look(context.WithoutCancel(ctx))
		if err != nil {
			return seen, err
		}
		one.at = time.Since(began)
		seen = append(seen, one)
		one.print(os.Stdout, len(seen) == 1)
		if err := s.lastFault(); err != nil {
			s.say("  a flow failed: %v", err)
		}
	}
}
