package keys

import (
	"context"
	"errors"
	"fmt"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// read makes a keyring of the records. Keys of issuers that are not configured
// stay closed. Where a key cannot be opened the ring is made without it, or with
// it as it was opened before, and the error says so: so a withdrawal is heeded
// also while another record is spoilt.
func (s *Service) read(ctx context.Context) (*keyring, error) {
	records, err := s.records.List(ctx)
	if err != nil {
		return nil, err
	}
	ring := &keyring{records: records, inUse: map[use][]dated{}, jwks: map[string][]byte{}, opened: map[backend.Label]*key{}}
	var faults []error
	uses := []use{} // in the order of the records, also those that configuration asks for no more
	for u, keys := range successions(records) {
		if _, ok := s.issuers.ByName(u.issuer); !ok || purposeNamed(u.purpose) == nil {
			continue
		}
		uses = append(uses, u)
		for n := len(keys) - 1; n >= 0; n-- {
			switch keys.state(n, s.clock.Now(), s.retention(u)) {
			case Withdrawn, Expired:
				continue
			}
			opened, err := s.open(ctx, keys[n])
			if err != nil {
				faults = append(faults, fmt.Errorf("key %s of issuer %s (%s, %s): %w%s", keys[n].KeyID, u.issuer, u.purpose, u.algorithm, err, advice(err)))
			}
			if opened == nil {
				continue
			}
			ring.opened[keys[n].Label] = opened
			ring.inUse[u] = append(ring.inUse[u], dated{opened, keys[n].Begins})
		}
	}
	sortUses(uses)
	if err := ring.publish(uses); err != nil {
		return nil, err
	}
	return ring, errors.Join(faults...)
}

// advice is what an operator does about a record that was changed.
func advice(err error) string {
	if errors.Is(err, backend.ErrHandle) || errors.Is(err, errPublic) {
		return ": restore its row in issuer_key from a backup, or end the key with strongroom-keys withdraw"
	}
	return ""
}

// errPublic says that a record's two halves are not of one key: somebody wrote
// a public key there that we have no private one for.
var errPublic = errors.New("the record's public key is not that of its private key")

// errUnknownBackend says that a key is kept where this program cannot reach.
var errUnknownBackend = errors.New("this program does not have the key's backend")

// open opens the key of a record, unless it is open already. What is published
// comes from the opened key, never from the record. With an error it answers the
// key as it was opened before, if it was.
func (s *Service) open(ctx context.Context, record store.Record) (*key, error) {
	before := s.ring.Load().opened[record.Label]
	stored, err := jose.ParseKey(record.PublicJWK)
	if err != nil {
		return before, errPublic
	}
	opened := before
	if opened == nil || opened.handle != string(record.Handle) {
		if opened, err = s.openAnew(ctx, record); err != nil {
			return before, err
		}
	}
	if opened.public.Thumbprint() != stored.Thumbprint() {
		return before, errPublic
	}
	return opened, nil
}

func (s *Service) openAnew(ctx context.Context, record store.Record) (*key, error) {
	b, ok := s.backends[record.Backend]
	if !ok {
		return nil, fmt.Errorf("%w: it was made by %q, and there are only %s; start the program that has it (docs/keys.md)", errUnknownBackend, record.Backend, s.backendNames())
	}
	private, err := b.Open(ctx, record.Label, record.Handle)
	if err != nil {
		return nil, err
	}
	public, err := record.PublicKey(private.Public())
	if err != nil {
		return nil, err
	}
	if public.Algorithm() != record.Algorithm && public.KeyManagement() != record.Algorithm {
		return nil, errPublic
	}
	return &key{handle: string(record.Handle), private: private, public: public}, nil
}
