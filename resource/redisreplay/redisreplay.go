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
// full Redis refuses new proofs, and so does the API. A replica that falls behind
// at a fail-over forgets what it had not seen: wait for replicas, or accept that
// a proof may pass twice then.
package redisreplay

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
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
}

// New remembers proofs for one API, whose name keeps its keys apart from those of
// others on the same Redis. The clock is the verifier's, nil for the system's.
//
// Make the client with timeouts that a request can wait for, and with MaxRetries
// -1: a command that is sent again after a lost answer meets its own mark, and
// takes a good proof for a replay.
func New(client redis.Cmdable, api string, clock Clock) *Replays {
	if clock == nil {
		clock = systemClock{}
	}
	return &Replays{client: client, api: api, clock: clock}
}

// Burn is one SET NX.
func (r *Replays) Burn(ctx context.Context, id string, until time.Time) (bool, error) {
	life := max(until.Sub(r.clock.Now()), time.Second)
	first, err := r.client.SetNX(ctx, r.key(id), 1, life).Result()
	if err != nil {
		return false, fmt.Errorf("redisreplay: %w", err)
	}
	return first, nil
}

// key is API/proof/HASH, a string "1"; it lives as long as the proof could pass.
// The hash is of the id, so that nothing a client sent stands in a key.
func (r *Replays) key(id string) string {
	sum := sha256.Sum256([]byte(id))
	return r.api + "/proof/" + base64.RawURLEncoding.EncodeToString(sum[:])
}
