package keys

import (
	"context"
	"crypto"
	"errors"
	"fmt"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// key is one key, opened.
type key struct {
	handle string
	signer crypto.Signer
	public *jose.Key
}

// keyring is every key at one moment; it never changes.
type keyring struct {
	active map[use]*key
	// jwks is the JWK set of each issuer, by name, as it is answered.
	jwks map[string][]byte
	// opened is every key by label, so that none is opened twice.
	opened map[backend.Label]*key
}

// missing are the uses without an active key.
func (r *keyring) missing(uses []use) []use {
	var missing []use
	for _, u := range uses {
		if r.active[u] == nil {
			missing = append(missing, u)
		}
	}
	return missing
}

// read makes a keyring of the records. Those of issuers that are not configured
// stay closed.
func (s *Service) read(ctx context.Context) (*keyring, error) {
	records, err := s.records.List(ctx)
	if err != nil {
		return nil, err
	}
	ring := &keyring{active: map[use]*key{}, jwks: map[string][]byte{}, opened: map[backend.Label]*key{}}
	published := map[string][]*jose.Key{}
	for _, record := range records {
		if _, ok := s.issuers.ByName(record.Issuer); !ok {
			continue
		}
		key, err := s.open(ctx, record)
		if err != nil {
			return nil, fmt.Errorf("signing key %s of issuer %s (%s, %s): %w", record.KeyID, record.Issuer, record.Purpose, record.Algorithm, err)
		}
		ring.opened[record.Label] = key
		published[record.Issuer] = append(published[record.Issuer], key.public)
		if record.State == store.Active {
			ring.active[use{record.Issuer, record.Purpose, record.Algorithm}] = key
		}
	}
	for name, keys := range published {
		if ring.jwks[name], err = jose.NewKeySet(keys...).MarshalJSON(); err != nil {
			return nil, err
		}
	}
	return ring, nil
}

// errPublic says that a record's two halves are not of one key: somebody wrote
// a public key there that we have no private one for.
var errPublic = errors.New("the record's public key is not that of its private key")

// open opens the key of a record, unless it is open already. What is published
// comes from the opened key, never from the record.
func (s *Service) open(ctx context.Context, record store.Record) (*key, error) {
	stored, err := jose.ParseKey(record.PublicJWK)
	if err != nil {
		return nil, errPublic
	}
	opened := s.ring.Load().opened[record.Label]
	if opened == nil || opened.handle != string(record.Handle) {
		signer, err := s.backend.Open(ctx, record.Label, record.Handle)
		if err != nil {
			return nil, err
		}
		public, err := jose.NewKey(signer.Public(), record.KeyID)
		if err != nil {
			return nil, err
		}
		opened = &key{handle: string(record.Handle), signer: signer, public: public}
	}
	if opened.public.Thumbprint() != stored.Thumbprint() || opened.public.Algorithm() != record.Algorithm {
		return nil, errPublic
	}
	return opened, nil
}
