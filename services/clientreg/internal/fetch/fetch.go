// Package fetch is the one way out of the suite: it gets documents from addresses
// that clients name, and cannot be led to where nobody but us may go (THR-3,
// server-side request forgery).
//
// Only https is spoken, to hosts on the internet by name, at port 443; and http at
// port 80 for what authorities publish of revoked certificates. The name is
// resolved, every address is judged, and one of the judged addresses is dialled,
// so that a second answer of the resolver changes nothing (DNS rebinding). There
// are no redirects, no proxies, no credentials, no cookies, and bounds on time,
// size and number. What an operator allows by host and port is excepted from the
// rules on names, ports and addresses, and from nothing else.
package fetch

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// Bounds of one fetch, THR-3.
const (
	connectTimeout = 3 * time.Second
	totalTimeout   = 5 * time.Second
	// MaxDocument is the longest body of JSON, in bytes.
	MaxDocument = 256 << 10
	maxHeader   = 16 << 10 // bytes
)

// RetryAfter is when a request that waited in vain for somebody outside may come
// again, in seconds: a host that does not answer is left alone for about as long.
const RetryAfter = 60

// Every error wraps one of these. The text after it is a fixed reason.
var (
	// ErrPolicy: the address is one that is never fetched from.
	ErrPolicy = errors.New("fetch: address refused")
	// ErrAnswer: the host answered, and it is no document.
	ErrAnswer = errors.New("fetch: answer refused")
	// ErrUnreachable: the host does not answer at the moment.
	ErrUnreachable = errors.New("fetch: host is unreachable")
	// ErrBusy: too many fetches are under way, from this host or from all. It says
	// nothing of the host.
	ErrBusy = errors.New("fetch: too many fetches at once")
)

func because(kind error, reason string) error { return fmt.Errorf("%w: %s", kind, reason) }

// Resolver is the edge to DNS; *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Options are what a client is made of.
type Options struct {
	// Allow are hosts, host:port, that are fetched from wherever they are.
	Allow []string
	// ConnectTo is where to connect for a host of Allow, both host:port, where its
	// name does not lead from here.
	ConnectTo map[string]string
	// Roots sign servers' certificates. Nil: those of the operating system.
	Roots *x509.CertPool
	Clock clock.Clock
	// Resolver answers names. Nil: the operating system's.
	Resolver Resolver
	// Dial connects to an address that has been judged. Nil: a TCP connection.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Client fetches.
type Client struct {
	// allowed hosts, and where to connect for each.
	allowed  map[string]string
	resolver Resolver
	dialTo   func(ctx context.Context, network, address string) (net.Conn, error)
	http     *http.Client
	gate     *gate
	down     *down
}

// New makes a client.
func New(o Options) *Client {
	c := &Client{allowed: map[string]string{}, resolver: o.Resolver, dialTo: o.Dial, gate: newGate(), down: newDown(o.Clock)}
	for _, host := range o.Allow {
		c.allowed[strings.ToLower(host)] = cmp.Or(o.ConnectTo[host], host)
	}
	if c.resolver == nil {
		c.resolver = net.DefaultResolver
	}
	if c.dialTo == nil {
		c.dialTo = new(net.Dialer).DialContext
	}
	http1 := new(http.Protocols)
	http1.SetHTTP1(true)
	c.http = &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // not even of the environment
			DialContext:            c.dial,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots, Time: o.Clock.Now},
			TLSHandshakeTimeout:    connectTimeout,
			DisableKeepAlives:      true, // a document is fetched every few minutes at most
			DisableCompression:     true, // the bound counts what comes, not what it unfolds to
			MaxResponseHeaderBytes: maxHeader,
			Protocols:              http1,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c
}
