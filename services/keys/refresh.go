package keys

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// refresh reads the records, makes the keys that are missing, and puts the new
// keyring in the old one's place. On an error the old one stays.
func (s *Service) refresh(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	ring, err := s.read(ctx)
	if err != nil {
		return err
	}
	if missing := ring.missing(s.uses); len(missing) > 0 {
		if ring, err = s.complete(ctx, missing); err != nil {
			return err
		}
	}
	s.ring.Store(ring)
	return nil
}

// complete makes keys, and reads again: where another replica was first, its
// key is the one, and ours is forgotten.
func (s *Service) complete(ctx context.Context, missing []use) (*keyring, error) {
	group, making := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0)) // an RSA key takes tenths of a second of one core
	for _, u := range missing {
		group.Go(func() error { return s.make(making, u) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	ring, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	if still := ring.missing(missing); len(still) > 0 {
		return nil, fmt.Errorf("signing keys were made and are not there: %v", still)
	}
	for _, u := range missing {
		s.log.InfoContext(ctx, "signing key begins", "issuer", u.issuer, "purpose", u.purpose, "alg", u.algorithm, "kid", ring.active[u].public.ID())
	}
	return ring, nil
}

// make makes one key and offers it to the store. Its kid is random, for the
// backend ties it to the key before there is a thumbprint; CRY-5 (FAPI 2.0
// §5.4.2: no kid twice in a set) holds by 128 bits and by the primary key.
func (s *Service) make(ctx context.Context, u use) error {
	label := backend.Label{Issuer: u.issuer, KeyID: oauth.NewID(), Purpose: u.purpose, Algorithm: u.algorithm}
	handle, public, err := s.backend.Make(ctx, label)
	if err != nil {
		return err
	}
	key, err := jose.NewKey(public, label.KeyID)
	if err != nil {
		return err
	}
	jwk, err := key.MarshalJSON()
	if err != nil {
		return err
	}
	return s.records.Add(ctx, store.Record{
		Label:     label,
		State:     store.Active,
		Created:   s.clock.Now(),
		PublicJWK: jwk,
		Handle:    handle,
	})
}
