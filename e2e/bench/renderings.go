package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig/ports"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// settle lets a first start finish what it does after its first answer.
const settle = time.Second

// oneProcess is the sandbox: everything in one process, the demo bank and the
// directory too.
func (b *bench) oneProcess(ctx context.Context) (*rendering, error) {
	r, place, err := b.place("one process", []operation{push, token, dpopToken, fullFlow})
	if err != nil {
		return r, err
	}
	args := append([]string{"--no-walk", "--log", "error"}, place.args("0")...)
	return r, b.open(ctx, r, place, func(p *processes) error { return p.start(b.bin("sandbox"), args...) })
}

// processes are the six binaries as `sandbox init` configures them, the bank and the
// directory.
func (b *bench) processes(ctx context.Context) (*rendering, error) {
	r, place, err := b.place("processes", []operation{push, token, fullFlow})
	if err != nil {
		return r, err
	}
	r.apart = true
	if err := b.initialise(ctx, place); err != nil {
		return r, err
	}
	return r, b.open(ctx, r, place, b.startServices(place))
}

// startServices starts the suite's own.
func (b *bench) startServices(at place) func(*processes) error {
	return func(p *processes) error {
		var faults []error
		for _, name := range services {
			faults = append(faults, p.start(b.bin("strongroom-"+name), "--config", at.config(name)))
		}
		return errors.Join(faults...)
	}
}

// startBank starts what stands beside a suite of processes, whose cost is not the
// suite's. In one process it is there already.
func (b *bench) startBank(r *rendering, at place) error {
	if !r.apart {
		return nil
	}
	r.beside.core = b.core
	return errors.Join(
		r.beside.start(b.bin("sandbox"), "directory", "--config", at.config("directory")),
		r.beside.start(b.bin("sandbox"), "bank", "--config", at.config("bank")))
}

// place is where a rendering lives.
type place struct {
	dir, redis string
	sql        string // DSN of a PostgreSQL; empty for SQLite files
	port       int
}

func (p place) file(name string) string { return filepath.Join(p.dir, name) }

func (p place) config(part string) string { return p.file(filepath.Join("config", part+".yaml")) }

func (p place) args(database string) []string {
	args := []string{"--dir", p.dir, "--port", fmt.Sprint(p.port), "--limits", "off", "--redis", "redis://" + p.redis + "/" + database}
	if p.sql != "" {
		args = append(args, "--sql", p.sql)
	}
	return args
}

// api is the base URL of the demo bank's API.
func (p place) api() string { return fmt.Sprintf("https://localhost:%d", p.port+int(layout.BankAPI)) }

func (b *bench) place(name string, operations []operation) (*rendering, place, error) {
	port, err := ports.Free()
	at := place{dir: filepath.Join(b.dir, strings.ReplaceAll(name, " ", "-")), redis: b.address, port: port}
	r := &rendering{name: name, operations: operations}
	r.product = &server{issuer: fmt.Sprintf("https://localhost:%d/fapi2", port), processes: processes{core: b.core}, api: at.api()}
	r.floor = &server{processes: processes{core: b.core}, bound: []string{"floor"}, proving: []string{"floor"}}
	return r, at, err
}

// open starts the product twice and its floor once, and registers clients.
func (b *bench) open(ctx context.Context, r *rendering, at place, start func(*processes) error) (err error) {
	b.say("starting: %s", r.name)
	if r.first, err = r.product.start(ctx, at, start); err != nil {
		return err
	}
	time.Sleep(settle)
	if err := r.product.processes.stop(); err != nil {
		return err
	}
	if r.second, err = r.product.start(ctx, at, start); err != nil {
		return err
	}
	if err := b.startBank(r, at); err != nil {
		return err
	}
	if err := b.enrol(ctx, r.product, at); err != nil {
		return err
	}
	return b.startFloor(ctx, r)
}

// start answers how long it took until discovery did.
func (s *server) start(ctx context.Context, at place, start func(*processes) error) (time.Duration, error) {
	began := time.Now()
	if err := start(&s.processes); err != nil {
		return 0, err
	}
	err := try(ctx, time.Minute, 5*time.Millisecond, func() (err error) {
		s.roots, err = readRoots(at.file("ca.pem"))
		return err
	})
	if err != nil {
		return 0, err
	}
	return s.awaken(ctx, began)
}

func readRoots(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if block, _ := pem.Decode(text); block == nil || !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate", file)
	}
	return roots, nil
}

// enrol registers the clients that the operations need.
func (b *bench) enrol(ctx context.Context, s *server, at place) error {
	initial, err := os.ReadFile(at.file(layout.InitialAccessToken))
	if err != nil {
		return err
	}
	bearer := strings.TrimSpace(string(initial))
	if b.clients > 0 {
		b.say("registering %d clients", b.clients)
	}
	if s.bound, err = s.register(ctx, b.client, bearer, max(1, b.clients), false); err != nil {
		return err
	}
	proving := 1
	if b.dirOf != "" {
		proving = b.clients // which a deployment limits, each by itself
	}
	s.proving, err = s.register(ctx, b.client, bearer, proving, true)
	return err
}

// ids are those of the clients of an operation.
func (s *server) ids(op operation) []string {
	if op == dpopToken {
		return s.proving
	}
	return s.bound
}
