package fetch

import (
	"context"
	"sync"
	"time"
)

const (
	// perHost is how many fetches from one host go on at once.
	perHost = 8
	// together is how many fetches from all hosts go on at once.
	together = 64
	// patience is how long a fetch waits for its turn.
	patience = 5 * time.Second
)

// gate lets few in, to each host and together, so that our clients together are no flood for a
// directory that keeps the keys of all.
type gate struct {
	mu    sync.Mutex
	hosts map[string]*queue
	// all are the places of all hosts together.
	all chan struct{}
}

// queue is a host's places, and how many hold or wait for one.
type queue struct {
	places chan struct{}
	users  int
}

func newGate() *gate { return &gate{hosts: map[string]*queue{}, all: make(chan struct{}, together)} }

// enter waits for a place at the host, then for one among all; leave gives both
// back. Whoever waits for a slow host holds no place of the others.
func (g *gate) enter(ctx context.Context, host string) (leave func(), err error) {
	q := g.join(host)
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if !take(ctx, q.places) {
		g.quit(host)
		return nil, ErrBusy
	}
	if !take(ctx, g.all) {
		<-q.places
		g.quit(host)
		return nil, ErrBusy
	}
	return func() {
		<-g.all
		<-q.places
		g.quit(host)
	}, nil
}

func take(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (g *gate) join(host string) *queue {
	g.mu.Lock()
	defer g.mu.Unlock()
	q, ok := g.hosts[host]
	if !ok {
		q = &queue{places: make(chan struct{}, perHost)}
		g.hosts[host] = q
	}
	q.users++
	return q
}

// quit forgets a host that nobody is at.
func (g *gate) quit(host string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.hosts[host]
	if q.users--; q.users == 0 {
		delete(g.hosts, host)
	}
}
