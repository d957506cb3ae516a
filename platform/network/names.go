package network

import (
	"context"
	"errors"
	"net"
	"time"

	"google.golang.org/grpc/resolver"
)

const (
	// lookEvery is how often a name is looked up while it is in use: so soon a new
	// replica gets calls, and one that was taken away gets none.
	lookEvery = 5 * time.Second
	// lookAgain is how soon it is where a connection was lost or there was no answer.
	// The library's own resolver waits for 30 seconds, and after failures for up to two
	// minutes: where every replica comes back with another address, as containers do,
	// callers would take so long to find them.
	lookAgain = time.Second
	// lookTimeout bounds one look.
	lookTimeout = 5 * time.Second
)

// names finds the replicas of a service by the name that leads to them. A failure to
// look keeps those that were found before.
type names struct{ by *net.Resolver }

// scheme of targets that names resolves.
const scheme = "replicas-by-name"

func (names) Scheme() string { return scheme }

func (r names) Build(target resolver.Target, to resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	host, port, err := net.SplitHostPort(target.Endpoint())
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	n := &name{by: r.by, host: host, port: port, to: to, asked: make(chan struct{}, 1), cancel: cancel, ended: make(chan struct{})}
	go n.watch(ctx)
	return n, nil
}

// name is one that is looked up for a connection.
type name struct {
	by         *net.Resolver
	host, port string
	to         resolver.ClientConn
	asked      chan struct{}
	cancel     context.CancelFunc
	ended      chan struct{}
}

// ResolveNow is asked for where a connection is lost.
func (n *name) ResolveNow(resolver.ResolveNowOptions) {
	select {
	case n.asked <- struct{}{}:
	default:
	}
}

func (n *name) Close() {
	n.cancel()
	<-n.ended
}

func (n *name) watch(ctx context.Context) {
	defer close(n.ended)
	for {
		asked := n.asked
		if n.look(ctx) != nil {
			asked = nil // it is looked up soon in any case
		}
		if !n.rest(ctx, lookAgain, nil) {
			return
		}
		if asked != nil && !n.rest(ctx, lookEvery-lookAgain, asked) {
			return
		}
	}
}

// rest waits, or until somebody asks; false where the connection is closed.
func (n *name) rest(ctx context.Context, d time.Duration, asked <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-asked:
	case <-timer.C:
	}
	return true
}

func (n *name) look(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	found, err := n.by.LookupHost(ctx, n.host)
	if err == nil && len(found) == 0 {
		err = errors.New("the name " + n.host + " leads to no address")
	}
	if err != nil {
		n.to.ReportError(err)
		return err
	}
	var state resolver.State
	for _, address := range found {
		state.Endpoints = append(state.Endpoints, resolver.Endpoint{Addresses: []resolver.Address{{Addr: net.JoinHostPort(address, n.port)}}})
	}
	return n.to.UpdateState(state)
}
