package keys

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// refresh reads the records, makes the keys that are missing, and puts the new
// keyring in the old one's place. Where the records cannot be read the old one
// stays; where one key cannot be opened the others are brought up to date.
func (s *Service) refresh(ctx context.Context) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	ring, err := s.read(ctx)
	if ring == nil {
		return err
	}
	if starting := s.ring.Load().records == nil; starting && err != nil && !s.operator {
		return err
	}
	if missing := s.ended(ring); len(missing) > 0 {
		completed, failed := s.complete(ctx, ring, missing)
		if completed != nil {
			ring = completed
		}
		err = errors.Join(err, failed)
	}
	s.ring.Store(ring)
	return err
}

// ended are the uses that have no active key by the records: not those whose active
// key is there and cannot be opened, for it would be wrong to go on without it as
// if it had never been.
func (s *Service) ended(ring *keyring) []use {
	now, known := s.clock.Now(), successions(ring.records)
	var ended []use
	for _, u := range s.uses {
		if known[u].active(now) == nil {
			ended = append(ended, u)
		}
	}
	return ended
}

// complete makes the keys that are missing now, and reads again: where another
// replica was first, its key is the one, and ours is forgotten. By a clock that is off
// none is made nor advanced: to one that is slow the key in use has not begun, and the
// next one, brought forward, would have the others destroy what they still need.
func (s *Service) complete(ctx context.Context, ring *keyring, missing []use) (*keyring, error) {
	if err := s.sameTime(ctx); err != nil {
		return nil, err
	}
	group, making := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0)) // an RSA key takes tenths of a second of one core
	now, known := s.clock.Now(), successions(ring.records)
	for _, u := range missing {
		group.Go(func() error { return s.succeed(making, u, known[u], now) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	ring, err := s.read(ctx)
	if err != nil {
		return ring, err
	}
	for _, u := range missing {
		if ring.active(u, now) == nil {
			return ring, fmt.Errorf("a key was made and is not there: %v", u)
		}
		s.log.InfoContext(ctx, "key begins", "issuer", u.issuer, "purpose", u.purpose, "alg", u.algorithm, "kid", ring.active(u, now).public.ID())
	}
	return ring, nil
}

// succeed sees to it that a use has a key from begins on: the next one, if there is
// one that waits, or a new one.
func (s *Service) succeed(ctx context.Context, u use, known succession, begins time.Time) error {
	generation := 1
	if last := known.last(); last != nil {
		if last.Withdrawn.IsZero() && last.Begins.After(begins) {
			return s.records.Advance(ctx, u.issuer, last.KeyID, begins)
		}
		generation = last.Generation + 1
	}
	_, err := s.make(ctx, u, generation, begins)
	return err
}

// make makes one key and offers it to the store; it answers the kid, or empty
// where another replica was first. The kid is random, for the backend ties it to
// the key before there is a thumbprint; CRY-5 (FAPI 2.0 §5.4.2: no kid twice in a
// set) holds by 128 bits and by the primary key.
func (s *Service) make(ctx context.Context, u use, generation int, begins time.Time) (kid string, err error) {
	label := backend.Label{Issuer: u.issuer, KeyID: oauth.NewID(), Purpose: u.purpose, Algorithm: u.algorithm}
	handle, public, err := s.making.Make(ctx, label)
	if err != nil {
		return "", fmt.Errorf("make a key of issuer %s (%s, %s): %w", u.issuer, u.purpose, u.algorithm, err)
	}
	added, err := s.offer(ctx, store.Record{
		Label:      label,
		Generation: generation,
		Backend:    s.making.Name(),
		Created:    s.clock.Now(),
		Begins:     begins,
		Handle:     handle,
	}, public)
	if added {
		return label.KeyID, errors.Join(err, s.tell(ctx, audit.KeyCreated, label, ""))
	}
	return "", errors.Join(err, s.making.Destroy(ctx, label, handle))
}

func (s *Service) offer(ctx context.Context, record store.Record, public any) (bool, error) {
	published, err := record.PublicKey(public)
	if err != nil {
		return false, err
	}
	if record.PublicJWK, err = published.MarshalJSON(); err != nil {
		return false, err
	}
	return s.records.Add(ctx, record)
}

func sortUses(uses []use) {
	slices.SortFunc(uses, func(a, b use) int {
		return cmp.Or(cmp.Compare(a.issuer, b.issuer), cmp.Compare(a.purpose, b.purpose), cmp.Compare(a.algorithm, b.algorithm))
	})
}
