package keys

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// This file is what an operator does by command: strongroom-keys list, rotate and
// withdraw (docs/keys.md). The replicas that serve learn of it within seconds.

// Description is a key as an operator sees it.
type Description struct {
	Issuer, Purpose, KeyID string
	Algorithm              jose.Algorithm
	Backend                string
	State                  State
	// Begins is when the key comes, or came, into use.
	Begins time.Time
	// Until is when the state ends by itself; zero where it does not.
	Until time.Time
	// Reason is why the key was withdrawn.
	Reason string
}

// Selection narrows what a command is about; an empty member means all.
type Selection struct {
	Issuer, Purpose string
	Algorithm       jose.Algorithm
}

func (s Selection) has(u use) bool {
	return (s.Issuer == "" || s.Issuer == u.issuer) && (s.Purpose == "" || s.Purpose == u.purpose) && (s.Algorithm == "" || s.Algorithm == u.algorithm)
}

// List describes the keys, in the order of issuer, purpose, algorithm and
// generation.
func (s *Service) List(ctx context.Context, selection Selection) ([]Description, error) {
	records, err := s.records.List(ctx)
	if err != nil {
		return nil, err
	}
	known, now := successions(records), s.clock.Now()
	place := map[use]int{}
	var described []Description
	for _, r := range records {
		u := useOf(r)
		n := place[u]
		place[u]++
		if selection.has(u) {
			described = append(described, s.describe(known[u], n, now))
		}
	}
	return described, nil
}

func (s *Service) describe(keys succession, n int, now time.Time) Description {
	r := keys[n]
	u := useOf(r)
	d := Description{
		Issuer: r.Issuer, Purpose: r.Purpose, KeyID: r.KeyID, Algorithm: r.Algorithm, Backend: r.Backend,
		State: keys.state(n, now, s.retention(u)), Begins: r.Begins, Reason: r.Reason,
	}
	switch d.State {
	case Next:
		d.Until = r.Begins
	case Active:
		if d.Until = r.Begins.Add(s.rotation.Every); n+1 < len(keys) {
			d.Until = keys[n+1].Begins
		}
	case Retired:
		_, ended := keys.ends(n, now)
		d.Until = ended.Add(s.retention(u))
	case Expired, Withdrawn:
	}
	return d
}

// ErrNoKey says that a selection has no key.
var ErrNoKey = errors.New("no such key: see strongroom-keys list")

// Rotate publishes a next key for every selected use, to be used after the lead
// time, or with now at once: then whoever holds an older JWK set refuses what it
// signs, until they fetch a new one. A next key that waits already is not doubled.
func (s *Service) Rotate(ctx context.Context, selection Selection, now bool) error {
	if err := s.sameTime(ctx); err != nil {
		return err
	}
	records, err := s.records.List(ctx)
	if err != nil {
		return err
	}
	known, begins, found := successions(records), s.clock.Now(), false
	if !now {
		begins = begins.Add(s.rotation.Lead)
	}
	var faults []error
	for _, u := range s.uses {
		last := known[u].last()
		if last == nil || !selection.has(u) {
			continue
		}
		found = true
		if waits := last.Withdrawn.IsZero() && last.Begins.After(s.clock.Now()); waits {
			faults = append(faults, s.records.Advance(ctx, u.issuer, last.KeyID, begins))
			continue
		}
		faults = append(faults, s.announce(ctx, u, known[u], begins, operator))
	}
	if !found {
		return ErrNoKey
	}
	return errors.Join(append(faults, s.refresh(ctx))...)
}

// Withdraw ends a compromised key: its successor signs from now on, the key leaves
// the JWK set, and its private half is destroyed. Whatever it signed is refused by
// everybody who has read the new set. The successor comes first, so that at no time
// nobody signs.
func (s *Service) Withdraw(ctx context.Context, issuer, kid, reason string) error {
	if err := s.sameTime(ctx); err != nil {
		return err // a successor would sign at another time than now
	}
	records, err := s.records.List(ctx)
	if err != nil {
		return err
	}
	var found *store.Record
	for n := range records {
		if records[n].Issuer == issuer && records[n].KeyID == kid {
			found = &records[n]
		}
	}
	if found == nil {
		return fmt.Errorf("issuer %q, kid %q: %w", issuer, kid, ErrNoKey)
	}
	u, now := useOf(*found), s.clock.Now()
	if err := s.relieve(ctx, u, successions(records)[u], kid, now); err != nil {
		return err
	}
	if err := s.records.Withdraw(ctx, issuer, kid, now, reason); err != nil {
		return err
	}
	s.log.WarnContext(ctx, "key withdrawn", "issuer", issuer, "purpose", u.purpose, "alg", u.algorithm, "kid", kid, "reason", reason)
	var destroyed error
	if b, ok := s.backends[found.Backend]; ok && len(found.Handle) > 0 {
		destroyed = b.Destroy(ctx, found.Label, found.Handle)
	}
	return errors.Join(destroyed, s.tell(ctx, audit.KeyWithdrawn, found.Label, operator), s.refresh(ctx))
}

// relieve makes a successor of a key that is about to be withdrawn: at once where it
// is in use, and in good time where it was to be the next.
func (s *Service) relieve(ctx context.Context, u use, keys succession, kid string, now time.Time) error {
	for n := range keys {
		if keys[n].KeyID != kid {
			continue
		}
		switch keys.state(n, now, s.retention(u)) {
		case Active:
			return s.succeed(ctx, u, keys, now)
		case Next:
			_, err := s.make(ctx, u, keys.last().Generation+1, later(keys[n].Begins, now.Add(s.rotation.Lead)))
			return err
		}
	}
	return nil // it does not sign: nobody need take over
}
