// Package rig starts the whole suite for a test and speaks to it from outside,
// over HTTPS alone, as clients and browsers do. Its client is honest unless a
// test changes one thing: every header, claim and parameter can be altered.
package rig

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/network"
	"github.com/strongroom-fapi/strongroom/platform/telemetrytest"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// The issuers of a suite. Other and Elsewhere are served in one process only.
// Nonces demands DPoP nonces. The tokens of Elsewhere are for another API than the
// bank's, which trusts the issuer nevertheless.
const (
	FAPI2     = "fapi2"
	Nonces    = "fapi2-nonce"
	Other     = "other"
	Elsewhere = "elsewhere"
)

// ElsewhereAPI is the resource that tokens of Elsewhere are for.
const ElsewhereAPI = "https://api.elsewhere.example"

// startTimeout is how long a suite may take until everything answers: processes
// that were built for the race detector start slowly.
const startTimeout = 2 * time.Minute

// Suite is a whole ecosystem that runs: authorization server, bank, directory.
type Suite struct {
	// Layout tells where everything is.
	Layout *layout.Layout
	// Clock is the suite's. Setting it forward reaches only a suite in one
	// process, and every test that shares it: do so in tests that run alone.
	Clock *clock.Shifted
	// Log is what all parts wrote, at level debug.
	Log *Log
	// Secrets are all that clients and browsers of this rig sent or received.
	Secrets *Secrets
	// Collector has every span of parts that are processes; nil in one process.
	Collector *telemetrytest.Collector

	// bank is as whom the bank calls the interaction API.
	bank    network.Identity
	special Special
	// dial is how connections are made; nil for the usual way.
	dial func(ctx context.Context, network, address string) (net.Conn, error)
	// bin is the folder of the binaries, where parts are processes.
	bin       string
	publisher *publisher
	plain     *http.Client
	metadata  map[string]metadata.Server
	undo      []func() error
}

// Special is how a suite of one test differs from the usual one.
type Special struct {
	// Redis is the URL of a Redis of the test's own.
	Redis string
	// SQL is the DSN of a PostgreSQL of the test's own, who may create databases.
	SQL string
	// Binaries is a folder that Build filled before; else they are built.
	Binaries string
	// Unlimited lifts the limits on what a client may do in a minute.
	Unlimited bool
	// Configure changes the configuration of the parts.
	Configure func(*layout.Configs)
	// Ahead is how far the suite's clock is ahead of everybody else's.
	Ahead time.Duration
}

// limits is as the sandbox takes it.
func (s Special) limits() string {
	if s.Unlimited {
		return "off"
	}
	return "on"
}

func newSuite(special Special) *Suite {
	s := &Suite{
		special: special, Clock: &clock.Shifted{}, Log: &Log{}, Secrets: newSecrets(), metadata: map[string]metadata.Server{},
	}
	s.Clock.Advance(special.Ahead)
	return s
}

// later remembers how to undo a step of the start.
func (s *Suite) later(undo func() error) { s.undo = append(s.undo, undo) }

// Stop ends the suite and removes what it kept.
func (s *Suite) Stop() error {
	var faults []error
	for n := len(s.undo) - 1; n >= 0; n-- {
		faults = append(faults, s.undo[n]())
	}
	s.undo = nil
	return errors.Join(faults...)
}

// folder is where the suite keeps its files while it runs.
func (s *Suite) folder() (string, error) {
	dir, err := os.MkdirTemp("", "strongroom-e2e-")
	if err == nil {
		s.later(func() error { return os.RemoveAll(dir) })
	}
	return dir, err
}

// Issuer is an issuer's identifier.
func (s *Suite) Issuer(name string) string { return s.Layout.URL(layout.Public) + "/" + name }

// Metadata is an issuer's discovery document.
func (s *Suite) Metadata(name string) metadata.Server { return s.metadata[name] }

// Now is the time by the suite's clock.
func (s *Suite) Now() time.Time { return s.Clock.Now() }
