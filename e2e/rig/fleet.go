package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/config"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/sandbox/ecosystem"
)

// Fleet is the services of a suite and its edge, two replicas of each, as
// processes that can be ended and started one by one. No bank stands beside it:
// Answer does what its pages would.
type Fleet struct {
	*Suite
	// Replicas are in the order of calls, from left to right.
	Replicas []*Replica
	// lines are the relays between its parts, where it is relayed.
	lines map[line]Relays
}

// Replica is one process of a fleet.
type Replica struct {
	// Name is the service's, and which of the two it is.
	Name   string
	binary string
	config string
	log    *Log
	run    *exec.Cmd
	ended  chan error
}

// loopback are the addresses of the first and of the second replica of each
// service: the same port, on two addresses of this machine.
var loopback = [2]string{"127.0.0.1", "127.0.0.2"}

// Replicated starts two replicas of each service, on real stores. Where relayed,
// whatever a part calls, service or store, it reaches through relays.
func Replicated(ctx context.Context, special Special, relayed bool) (*Fleet, error) {
	var fleet *Fleet
	_, err := start(ctx, special, func(s *Suite, ctx context.Context) error {
		fleet = &Fleet{Suite: s}
		if relayed {
			fleet.lines = map[line]Relays{}
		}
		return fleet.start(ctx)
	})
	return fleet, err
}

func (f *Fleet) start(ctx context.Context) (err error) {
	if err := f.prepare(ctx, "3"); err != nil {
		return err
	}
	var bank ecosystem.BankConfig
	if err := config.Load(f.Layout.ConfigFile("bank"), &bank); err != nil {
		return err
	}
	f.bank, f.dial = bank.InteractionIdentity, eitherReplica()
	for _, part := range parts[:len(rpc.Names)] {
		for n := range loopback {
			replica, err := f.replica(part.name, n, filepath.Join(f.bin, part.command[0]))
			if err != nil {
				return err
			}
			f.Replicas = append(f.Replicas, replica)
		}
	}
	for _, replica := range f.Replicas { // all at once: none needs another to start
		if err := replica.begin(); err != nil {
			return err
		}
		f.later(func() error { return replica.Kill() })
	}
	for _, replica := range f.Replicas {
		if err := replica.await(ctx); err != nil {
			return fmt.Errorf("%w; the log ends with:\n%s", err, f.Log.tail())
		}
	}
	f.plain = f.httpClient(nil)
	if f.metadata[FAPI2], err = f.discover(ctx, FAPI2); err != nil {
		return err
	}
	return nil
}

// replica writes the configuration of one of two: addresses of its own, and both of
// those whom it calls.
func (f *Fleet) replica(name string, n int, binary string) (*Replica, error) {
	itself := fmt.Sprintf("%s-%d", name, n+1)
	own := func(address string) string { return strings.Replace(address, loopback[0], loopback[n], 1) }
	var fault error
	err := f.derive(name, itself, func(c map[string]any) {
		c["listen"] = own(c["listen"].(string))
		for _, member := range []string{"public", "mutual"} {
			onlyFirst(c, member, own)
		}
		for _, listener := range []string{"interaction", "admin"} {
			if section, ok := c[listener].(map[string]any); ok {
				onlyFirst(section, "listen", own)
			}
		}
		services := c["services"].(map[string]any)
		for callee, address := range services {
			first := address.(string)
			services[callee] = first + "," + strings.Replace(first, loopback[0], loopback[1], 1)
		}
		c["audit"].(map[string]any)["instance"] = itself
		if sql, ok := c["sql"].(map[string]any); ok {
			sql["max_connections"] = 4 // twice as many processes share the database
		}
		if f.lines != nil {
			fault = f.relay(name, c)
		}
	})
	err = errors.Join(err, fault)
	return &Replica{Name: fmt.Sprintf("%s %d", name, n+1), binary: binary, log: f.Log, config: f.Layout.ConfigFile(itself)}, err
}

// onlyFirst leaves the first of several addresses, the one by IPv4.
func onlyFirst(c map[string]any, member string, own func(string) string) {
	if addresses, ok := c[member].([]any); ok {
		c[member] = []string{own(addresses[0].(string))}
	}
}

// begin starts the process.
func (r *Replica) begin() error {
	r.run = exec.Command(r.binary, "--config", r.config) //nolint:gosec // G204: what the rig built itself
	r.run.Stdout, r.run.Stderr = r.log, r.log
	endWithTest(r.run)
	if err := r.run.Start(); err != nil {
		return err
	}
	run, ended := r.run, make(chan error, 1)
	r.ended = ended
	go func() { ended <- run.Wait() }()
	return nil
}

// await asks the process by its own command until it is ready. The edge is ready
// when all services are.
func (r *Replica) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		said, err := exec.CommandContext(ctx, r.binary, "health", "--config", r.config).CombinedOutput() //nolint:gosec // G204: what the rig built itself
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not ready: %w: %s", r.Name, err, said)
		case err := <-r.ended:
			return fmt.Errorf("%s ended: %w", r.Name, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Start starts a process that has ended, and waits until it is ready.
func (r *Replica) Start(ctx context.Context) error {
	if err := r.begin(); err != nil {
		return err
	}
	return r.await(ctx)
}

// Stop asks the process to end, and waits; an error tells that it did not end well.
func (r *Replica) Stop() error {
	if err := r.run.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-r.ended:
		return err
	case <-time.After(2 * patience):
		return fmt.Errorf("%s did not end within %s", r.Name, 2*patience)
	}
}

// Kill ends the process as a machine that fails does.
func (r *Replica) Kill() error {
	if r.run == nil || r.run.Process == nil {
		return nil
	}
	if err := r.run.Process.Kill(); err != nil {
		return nil // it has ended
	}
	<-r.ended //nolint:errcheck // it was killed: how it ended says nothing
	return nil
}

// eitherReplica connects to one replica of whatever is called, in turn, and to the
// other where that one does not answer: what a balancer in front does.
func eitherReplica() func(ctx context.Context, network, address string) (net.Conn, error) {
	var turn atomic.Uint32
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		first := turn.Add(1)
		for n := range uint32(len(loopback)) {
			var conn net.Conn
			conn, err = (&net.Dialer{Timeout: time.Second}).DialContext(ctx, network, net.JoinHostPort(loopback[(first+n)%2], port))
			if err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
}
