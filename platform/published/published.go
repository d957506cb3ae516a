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
	// refreshAtMost is how often the keys of an issuer are asked for at most, for
	// the sake of a key that is not among them: made-up kids cost one question in
	// this time, however many there are.
	refreshAtMost = 5 * time.Second
	// refreshAtLeast is how often at least, so that a withdrawn key is forgotten
	// within seconds. It is far less than the time that a key is published before
	// it signs (metadata.JWKSMaxAge), so that a new one is known in time.
	refreshAtLeast = 15 * time.Second
)

// Keys remembers each issuer's public keys, parsed.
type Keys struct {
	keys  keysv1.KeysServiceClient
	clock clock.Clock
	mu    sync.Mutex
	sets  map[string]*set
}

// set is what is remembered of one issuer. Who holds asking asks, and those who come
// meanwhile wait for the same answer.
type set struct {
	asking chan struct{}
	mu     sync.Mutex
	keys   *jose.KeySet
	read   time.Time
}

// New remembers nothing yet.
func New(keys keysv1.KeysServiceClient, clk clock.Clock) *Keys {
	return &Keys{keys: keys, clock: clk, sets: map[string]*set{}}
}

// Find answers the issuer's keys, read anew where the wanted one is missing.
func (p *Keys) Find(ctx context.Context, keyID string) (*jose.KeySet, error) {
	known := p.of(rpc.From(ctx).Issuer.Name)
	if keys := known.good(p.clock.Now(), keyID); keys != nil {
		return keys, nil
	}
	select {
	case known.asking <- struct{}{}:
		defer func() { <-known.asking }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if keys := known.good(p.clock.Now(), keyID); keys != nil {
		return keys, nil // another has asked meanwhile
	}
	return p.ask(ctx, known)
}

func (p *Keys) of(issuer string) *set {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sets[issuer] == nil {
		p.sets[issuer] = &set{asking: make(chan struct{}, 1)}
	}
	return p.sets[issuer]
}

func (p *Keys) ask(ctx context.Context, known *set) (*jose.KeySet, error) {
	asked := p.clock.Now()
	answer, err := p.keys.PublicKeys(ctx, &keysv1.PublicKeysRequest{Call: rpc.From(ctx).Call()})
	if err != nil {
		return nil, err
	}
	parsed, err := jose.ParseKeySet(answer.GetJwks())
	if err != nil {
		return nil, err
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	known.keys, known.read = parsed, asked
	return parsed, nil
}

// good are the keys that are remembered, where they are new enough; else nil.
func (s *set) good(now time.Time, keyID string) *jose.KeySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	age := now.Sub(s.read)
	if s.keys != nil && age < refreshAtLeast && (age < refreshAtMost || has(s.keys, keyID)) {
		return s.keys
	}
	return nil
}

func has(keys *jose.KeySet, keyID string) bool {
	return slices.ContainsFunc(keys.Keys(), func(k *jose.Key) bool { return k.ID() == keyID })
}
