package jose

import (
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// MaxKeySet is the longest JWK set that is read, in bytes.
	MaxKeySet = 256 << 10
	// maxKeys is the most keys in one set, counting those that are passed over.
	maxKeys = 64
)

// KeySet is a set of public keys in the order given; immutable.
type KeySet struct {
	keys []*Key
	byID map[string][]*Key
}

// ParseKeySet reads {"keys":[…]} (RFC 7517 §5). A public key of a kind we do not serve
// (P-384, RS256, use "tls" …) is passed over; a private or symmetric one, a weak one or
// a broken one makes the whole set an error, for its owner must hear of it. The error
// wraps ErrMalformed or ErrKey.
func ParseKeySet(raw []byte) (*KeySet, error) {
	if len(raw) > MaxKeySet {
		return nil, malformed("JWK set is longer than 256 KiB")
	}
	var parsed struct {
		Keys []jwk `json:"keys"`
	}
	if err := decodeStrict(raw, &parsed); err != nil {
		return nil, err
	}
	if parsed.Keys == nil || len(parsed.Keys) > maxKeys {
		return nil, malformed("JWK set does not hold an array of at most 64 keys")
	}
	var keys []*Key
	for i := range parsed.Keys {
		key, err := parsed.Keys[i].key()
		if errors.Is(err, errUnsupported) {
			continue
		}
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return NewKeySet(keys...), nil
}

// ParsePublishedKeySet reads a set that its owner publishes and may change at any
// time. A key that [ParseKeySet] would refuse the set for is passed over with the
// others (RFC 7517 §5: what is out of range is ignored), so that one bad key does not
// end what the good ones serve; it verifies nothing. Refused tells why, one error for
// each such key. What is no JWK set at all, holds a member twice, or is beyond bounds is
// an error as there.
func ParsePublishedKeySet(raw []byte) (set *KeySet, refused []error, err error) {
	if len(raw) > MaxKeySet {
		return nil, nil, malformed("JWK set is longer than 256 KiB")
	}
	var parsed struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := decodeStrict(raw, &parsed); err != nil {
		return nil, nil, err
	}
	if parsed.Keys == nil || len(parsed.Keys) > maxKeys {
		return nil, nil, malformed("JWK set does not hold an array of at most 64 keys")
	}
	var keys []*Key
	for _, text := range parsed.Keys {
		key, err := ParseKey(text)
		switch {
		case err == nil:
			keys = append(keys, key)
		case !errors.Is(err, errUnsupported):
			refused = append(refused, err)
		}
	}
	return NewKeySet(keys...), refused, nil
}

// NewKeySet makes a set of keys already checked.
func NewKeySet(keys ...*Key) *KeySet {
	set := &KeySet{keys: slices.Clone(keys), byID: map[string][]*Key{}}
	for _, key := range keys {
		if id := key.ID(); id != "" {
			set.byID[id] = append(set.byID[id], key)
		}
	}
	return set
}

// Keys are all keys of the set, in order.
func (s *KeySet) Keys() []*Key { return slices.Clone(s.keys) }

// DuplicateIDs are the kids that more than one key bears, sorted. CRY-5 asks owners to
// avoid them; CRY-6 has a verifier cope.
func (s *KeySet) DuplicateIDs() []string {
	var duplicates []string
	for id, keys := range s.byID {
		if len(keys) > 1 {
			duplicates = append(duplicates, id)
		}
	}
	slices.Sort(duplicates)
	return duplicates
}

// MarshalJSON writes the set as RFC 7517 §5 has it, public members only (BAD-191).
func (s *KeySet) MarshalJSON() ([]byte, error) {
	members := make([]publicMembers, len(s.keys))
	for i, key := range s.keys {
		members[i] = key.members
	}
	return json.Marshal(struct {
		Keys []publicMembers `json:"keys"`
	}{members})
}

// named are the keys that a header with this kid may mean.
func (s *KeySet) named(id string) []*Key {
	switch {
	case s == nil:
		return nil
	case id == "":
		return s.keys
	}
	return s.byID[id]
}
