// Package published remembers the public keys that the keys service publishes.
package published

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

const (
	// refreshAtMost is how often the keys are asked for at most, for the sake
	// of a key that is not among them.
	refreshAtMost = 5 * time.Second
	// refreshAtLeast is how often at least, so that a withdrawn key is
	// forgotten.
	refreshAtLeast = 5 * time.Minute
)

// Keys remembers each issuer's public keys, parsed.
type Keys struct {
	keys  keysv1.KeysServiceClient
	clock clock.Clock
	mu    sync.Mutex
	sets  map[string]set
}

type set struct {
	keys *jose.KeySet
	read time.Time
}

// New remembers nothing yet.
func New(keys keysv1.KeysServiceClient, clk clock.Clock) *Keys {
	return &Keys{keys: keys, clock: clk, sets: map[string]set{}}
}

// Find answers the issuer's keys, read anew where the wanted one is missing.
func (p *Keys) Find(ctx context.Context, keyID string) (*jose.KeySet, error) {
	scope := rpc.From(ctx)
	p.mu.Lock()
	known, ok := p.sets[scope.Issuer.Name]
	p.mu.Unlock()
	age := p.clock.Now().Sub(known.read)
	if ok && age < refreshAtLeast && (age < refreshAtMost || has(known.keys, keyID)) {
		return known.keys, nil
	}
	answer, err := p.keys.PublicKeys(ctx, &keysv1.PublicKeysRequest{Call: scope.Call()})
	if err != nil {
		return nil, err
	}
	parsed, err := jose.ParseKeySet(answer.GetJwks())
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.sets[scope.Issuer.Name] = set{keys: parsed, read: p.clock.Now()}
	p.mu.Unlock()
	return parsed, nil
}

func has(keys *jose.KeySet, keyID string) bool {
	return slices.ContainsFunc(keys.Keys(), func(k *jose.Key) bool { return k.ID() == keyID })
}
