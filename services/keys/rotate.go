package keys

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// historyFor is how long the record of a withdrawn key stays for an operator to
// see, without its private half.
const historyFor = 90 * 24 * time.Hour

// retention is how long a key of a use stays published, or decrypts, after another
// took over.
func (s *Service) retention(u use) time.Duration {
	i, ok := s.issuers.ByName(u.issuer)
	if p := purposeNamed(u.purpose); ok && p != nil {
		return max(s.rotation.Retain, p.lives(i)+i.Rules().Limits.ClockTolerance)
	}
	return s.rotation.Retain
}

// rotateDue makes the keys whose time has come to be published, and removes what
// nothing needs any more. One replica does it, under a lease.
func (s *Service) rotateDue(ctx context.Context) error {
	records, err := s.records.List(ctx)
	if err != nil {
		return err
	}
	now, known := s.clock.Now(), successions(records)
	var faults []error
	for _, u := range s.uses {
		if last := known[u].last(); last != nil && !now.Before(s.dueAt(*last)) {
			begins := now.Add(s.rotation.Lead)
			if planned := last.Begins.Add(s.rotation.Every); last.Withdrawn.IsZero() && last.Backend == s.making.Name() {
				begins = later(begins, planned)
			}
			faults = append(faults, s.announce(ctx, u, known[u], begins, schedule))
		}
	}
	for u, keys := range known {
		faults = append(faults, s.sweep(ctx, u, keys, now))
	}
	return errors.Join(faults...)
}

// maxPublished is how many keys one issuer may have in its set: readers give up on
// a larger one (fapi/jose takes 64).
const maxPublished = 56

// announce makes the next key of a use.
func (s *Service) announce(ctx context.Context, u use, known succession, begins time.Time, actor string) error {
	if published := s.published(u.issuer); published >= maxPublished {
		return fmt.Errorf("issuer %s publishes %d keys: wait until retired ones expire, or withdraw some", u.issuer, published)
	}
	kid, err := s.make(ctx, u, known.last().Generation+1, begins)
	if err != nil || kid == "" {
		return err
	}
	s.log.InfoContext(ctx, "next key published", "issuer", u.issuer, "purpose", u.purpose, "alg", u.algorithm, "kid", kid, "begins", begins)
	return s.tell(ctx, audit.KeyRotated, backend.Label{Issuer: u.issuer, KeyID: kid, Purpose: u.purpose, Algorithm: u.algorithm}, actor)
}

// published counts the keys in an issuer's set.
func (s *Service) published(issuer string) int {
	set, err := jose.ParseKeySet(s.ring.Load().jwks[issuer])
	if err != nil {
		return maxPublished
	}
	return len(set.Keys())
}

// sweep ends the keys of a use that nothing needs any more. The last generation
// stays: it counts.
func (s *Service) sweep(ctx context.Context, u use, keys succession, now time.Time) error {
	var faults []error
	for n, r := range keys[:len(keys)-1] {
		switch keys.state(n, now, s.retention(u)) {
		case Expired:
		case Withdrawn:
			if now.Before(r.Withdrawn.Add(historyFor)) {
				continue
			}
		default:
			continue
		}
		faults = append(faults, s.end(ctx, r))
	}
	return errors.Join(faults...)
}

// end destroys a key and forgets its record. The private half of a withdrawn key
// was destroyed when it was withdrawn.
func (s *Service) end(ctx context.Context, r store.Record) error {
	if b, ok := s.backends[r.Backend]; ok && len(r.Handle) > 0 {
		if err := b.Destroy(ctx, r.Label, r.Handle); err != nil {
			return fmt.Errorf("destroy key %s of issuer %s: %w", r.KeyID, r.Issuer, err)
		}
	}
	if err := s.records.Remove(ctx, r.Issuer, r.KeyID); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "key ended", "issuer", r.Issuer, "purpose", r.Purpose, "alg", r.Algorithm, "kid", r.KeyID)
	return s.tell(ctx, audit.KeyRetired, r.Label, schedule)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
