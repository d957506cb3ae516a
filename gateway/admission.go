package gateway

import (
	"cmp"
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/telemetry"
	authorizev1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/authorize/v1"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// Admission bounds what this gateway lets into the suite at once, so that more
// load than it can bear is refused in time and not answered too late: 503 with
// Retry-After, before anything was spent.
type Admission struct {
	// Concurrent is how many calls the services may work on for this gateway.
	// Default 256.
	Concurrent int `yaml:"concurrent"`
	// Reserved of them are kept for what continues something: codes, refresh,
	// introspection, revocation, the way back from the bank. What begins something
	// (a pushed request, an authorization, a registration) finds that many fewer.
	// Default 64.
	Reserved int `yaml:"reserved"`
	// Wait is how long a call may wait for its turn. Default 250ms.
	Wait time.Duration `yaml:"wait"`
}

func (a Admission) withDefaults() Admission {
	a.Concurrent = cmp.Or(a.Concurrent, 256)
	a.Reserved = cmp.Or(a.Reserved, a.Concurrent/4)
	a.Wait = cmp.Or(a.Wait, 250*time.Millisecond)
	return a
}

func (a Admission) validate() error {
	a = a.withDefaults()
	if a.Concurrent < 1 || a.Reserved < 0 || a.Reserved >= a.Concurrent || a.Wait < 0 {
		return errors.New("admission.concurrent must be at least 1, admission.reserved less than it, admission.wait not negative")
	}
	return nil
}

// class is what a call is to its client.
type class int

const (
	// continues something that somebody waits for or that was paid for already.
	continues class = iota
	// begins something new.
	begins
	// unbounded calls wait for nobody: clients that cannot get keys can verify
	// nothing, and keys come from memory.
	unbounded
)

// classes are those of the calls that are not continues.
var classes = map[string]class{
	parv1.PushedAuthorizationService_Push_FullMethodName:      begins,
	authorizev1.AuthorizationService_Begin_FullMethodName:     begins,
	clientregv1.ClientRegistryService_Register_FullMethodName: begins,
	keysv1.KeysService_PublicKeys_FullMethodName:              unbounded,
}

// gate is where calls wait for their turn.
type gate struct {
	cfg Admission

	mu      sync.Mutex
	busy    int
	waiting [unbounded]list.List // of chan struct{}, the oldest first, by class
	stats   [unbounded]telemetry.Admission
	// waited tells how long a call of a class waited.
	waited [unbounded]func(time.Duration)
}

func newGate(cfg Admission, to *telemetry.Telemetry) *gate {
	g := &gate{cfg: cfg.withDefaults()}
	g.tell(to)
	return g
}

// to is a connection whose calls pass the gate. They hold their place only while
// a service works: neither a slow body nor a slow reader does.
func (g *gate) to(conn grpc.ClientConnInterface) grpc.ClientConnInterface {
	return gated{conn, g}
}

type gated struct {
	grpc.ClientConnInterface
	gate *gate
}

// Invoke makes a call when it is its turn.
func (c gated) Invoke(ctx context.Context, method string, request, reply any, options ...grpc.CallOption) error {
	of := classes[method]
	if of != unbounded {
		if err := c.gate.enter(ctx, of); err != nil {
			return err
		}
		defer c.gate.leave(of)
	}
	return c.ClientConnInterface.Invoke(ctx, method, request, reply, options...)
}

// enter waits for a place, as long as the configuration allows.
func (g *gate) enter(ctx context.Context, of class) error {
	g.mu.Lock()
	if g.waiting[of].Len() == 0 && g.free(of) {
		g.take(of)
		g.mu.Unlock()
		return nil
	}
	g.stats[of].Waits++
	turn, since := make(chan struct{}), time.Now()
	place := g.waiting[of].PushBack(turn)
	g.mu.Unlock()
	defer func() { g.waited[of](time.Since(since)) }()
	timer := time.NewTimer(g.cfg.Wait)
	defer timer.Stop()
	select {
	case <-turn:
		return nil
	case <-timer.C:
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-turn: // it came in the same moment
		return nil
	default:
		g.waiting[of].Remove(place)
		g.stats[of].Refused++
		return busy(fmt.Errorf("no place within %s: %d calls in progress", g.cfg.Wait, g.busy))
	}
}

// free tells whether there is a place for a class.
func (g *gate) free(of class) bool { return g.busy < g.limit(of) }

// limit is how many calls there may be when one of a class comes in.
func (g *gate) limit(of class) int {
	if of == begins {
		return g.cfg.Concurrent - g.cfg.Reserved
	}
	return g.cfg.Concurrent
}

func (g *gate) take(of class) {
	g.busy++
	g.stats[of].Busy++
}

// leave gives the place to whoever waits: what continues something comes first.
func (g *gate) leave(had class) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.busy--
	g.stats[had].Busy--
	for of := continues; of < unbounded; of++ {
		for g.waiting[of].Len() > 0 && g.free(of) {
			close(g.waiting[of].Remove(g.waiting[of].Front()).(chan struct{}))
			g.take(of)
		}
	}
}

// busyAfter is when a client that found no place may come again, in seconds.
const busyAfter = 1

func busy(cause error) error {
	refusal := oauth.Unavailable(busyAfter).Because(cause)
	refusal.Description = "the server is busy; nothing was done, try again"
	return refusal
}
