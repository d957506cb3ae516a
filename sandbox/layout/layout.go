// Package layout says where everything of a sandbox is: ports, files, issuers,
// and the configuration of each part, the same whether the parts run in one
// process or in many.
package layout

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/sandbox/pki"
)

// Options are what a user chooses.
type Options struct {
	// Dir keeps keys, certificates, databases and credentials.
	Dir string
	// Port is the first of the ports.
	Port int
	// Redis is the URL of a Redis; empty for the embedded one.
	Redis string
	// SQL is the DSN of a PostgreSQL; empty for SQLite files in Dir.
	SQL string
	// Unlimited lifts the limits on pushes, token requests and registrations.
	Unlimited bool
	// FetchAllow are hosts, host:port, that the suite may fetch a jwks_uri from
	// wherever they are, besides the directory.
	FetchAllow []string
	// Containers has every part in a container of its own, named as the part.
	Containers bool
	// RedisNodes is how many nodes the containers' Redis Cluster has; 0 for a
	// single Redis.
	RedisNodes int
	// ExtraIssuers are served beside the sandbox's own; for tests of what one
	// issuer must not know of another.
	ExtraIssuers []issuer.Issuer
}

// Layout is a sandbox on this machine.
type Layout struct {
	Options
	CA *pki.CA
}

// Open makes the folder and the certificate authorities where they are missing.
func Open(o Options) (*Layout, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	ca, err := pki.Open(o.Dir)
	if err != nil {
		return nil, err
	}
	return &Layout{Options: o, CA: ca}, nil
}

// Port is a listener of the sandbox, counted from the first port.
type Port int

// The listeners that outside programs use come first and keep their places.
const (
	Public Port = iota
	Mutual
	BankPages
	BankAPI
	Directory
	Interaction
	Admin
)

// firstService is where the services listen for each other when each is a
// process of its own.
const firstService Port = 10

func (l *Layout) number(p Port) int { return l.Port + int(p) }

// URL is the address of a listener. The bank's pages are another site than the
// authorization server's, as in real life, so that cookie faults show.
func (l *Layout) URL(p Port) string {
	host := "localhost"
	if p == BankPages {
		host = "127.0.0.1"
	}
	return "https://" + net.JoinHostPort(host, strconv.Itoa(l.number(p)))
}

// Addresses are the loopback addresses of a listener, of both IP versions:
// some clients take localhost for ::1. Where the machine has no IPv6 there is
// one. In a container it is every address.
func (l *Layout) Addresses(p Port) []string {
	if l.Containers {
		return []string{l.listen(p)}
	}
	addresses := []string{l.address(p)}
	if hasIPv6() {
		addresses = append(addresses, net.JoinHostPort("::1", strconv.Itoa(l.number(p))))
	}
	return addresses
}

func (l *Layout) address(p Port) string { return fmt.Sprintf("127.0.0.1:%d", l.number(p)) }

func hasIPv6() bool {
	probe, err := net.Listen("tcp", "[::1]:0")
	if err != nil {
		return false
	}
	_ = probe.Close()
	return true
}

// File is a path in the sandbox's folder.
func (l *Layout) File(name ...string) string {
	return filepath.Join(append([]string{l.Dir}, name...)...)
}

// LogFile is where a sandbox keeps the services' log.
const LogFile = "log.jsonl"

// AuditFolder is where the services keep their audit trails.
func (o Options) AuditFolder() string { return filepath.Join(o.Dir, "audit") }

// auditInstance is the same at every start, so that a chain goes on.
const auditInstance = "sandbox"
