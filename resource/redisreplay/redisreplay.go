// Package redisreplay remembers used DPoP proofs in Redis, for an API of several
// replicas (RFC 9449 §11.1, requirement DPOP-4):
//
//	verifier, err := resource.New(config, resource.Deps{
//		Replays: redisreplay.New(client, "accounts-api", nil),
//	})
//
// It is a module of its own, so that who does without Redis does not build it.
//
// Redis must never drop a key that lives: set maxmemory-policy noeviction. Then a
// full Redis refuses new proofs, and so does the API. One that was restarted, or a
// replica that took over, may have forgotten what was used; so for half a minute
// after that proofs are refused, until they are surely younger than its memory.
package redisreplay

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/resource"
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

// Replays is a resource.Replays.
type Replays struct {
	client redis.Cmdable
	api    string
	clock  Clock
	ahead  time.Duration
}

var _ resource.Replays = (*Replays)(nil)

// Option is how a memory differs from the usual one.
type Option func(*Replays)

// ClientsAhead says how far ahead of the store's the clocks of clients may be, and
// so for how long after a restart or fail-over of Redis proofs are refused. Default
// 30 seconds, which is what resource tolerates. With less, a client whose clock is
// ahead by more could be replayed once after that.
func ClientsAhead(by time.Duration) Option { return func(r *Replays) { r.ahead = by } }

// New remembers proofs for one API, whose name keeps its keys apart from those of
// others on the same Redis. The clock is the verifier's, nil for the system's.
//
// Make the client with timeouts that a request can wait for, and with MaxRetries
// -1: a command that is sent again after a lost answer meets its own mark, and
// takes a good proof for a replay. It may be of a single Redis, of Sentinels or of
// a cluster.
func New(client redis.Cmdable, api string, clock Clock, options ...Option) *Replays {
	if clock == nil {
		clock = systemClock{}
	}
	r := &Replays{client: client, api: api, clock: clock, ahead: 30 * time.Second}
	for _, option := range options {
		option(r)
	}
	return r
}

// Burn refuses what may have been used before the store's memory began, as often as it
// comes: a proof that was refused for that has left a mark too, which is none of a use.
func (r *Replays) Burn(ctx context.Context, use resource.Use) (bool, error) {
	first, born, err := r.mark(ctx, use)
	if err == nil && use.Issued.Before(born.Add(r.ahead)) {
		err = errBeforeBirth
	}
	if err != nil {
		return false, fmt.Errorf("redisreplay: %w", err)
	}
	return first, nil
}
