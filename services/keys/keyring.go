package keys

import (
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
	"github.com/strongroom-fapi/strongroom/services/keys/internal/store"
)

// key is one key, opened.
type key struct {
	handle  string
	private backend.Key
	public  *jose.Key
}

// dated is a key of a keyring and when it comes into use.
type dated struct {
	*key
	begins time.Time
}

// keyring is every key at one moment; it never changes.
type keyring struct {
	records []store.Record
	// inUse are the keys of each use that are neither withdrawn nor expired,
	// newest generation first. The first that has begun is the active one.
	inUse map[use][]dated
	// jwks is the JWK set of each issuer, by name, as it is answered.
	jwks map[string][]byte
	// opened is every key by label, so that none is opened twice.
	opened map[backend.Label]*key
}

// active is the key that signs at a moment: the next one takes over on time, also
// between two readings of the records.
func (r *keyring) active(u use, now time.Time) *key {
	for _, k := range r.inUse[u] {
		if !k.begins.After(now) {
			return k.key
		}
	}
	return nil
}

// publish writes the JWK set of each issuer: signature keys as long as they may
// be needed, and of the encryption keys of one algorithm the newest alone, which
// is the one that senders shall take from now on.
func (r *keyring) publish(uses []use) error {
	sets := map[string][]*jose.Key{}
	for _, u := range uses {
		for n, k := range r.inUse[u] {
			if n == 0 || !purposeNamed(u.purpose).decrypts() {
				sets[u.issuer] = append(sets[u.issuer], k.public)
			}
		}
	}
	var err error
	for name, keys := range sets {
		if r.jwks[name], err = jose.NewKeySet(keys...).MarshalJSON(); err != nil {
			return err
		}
	}
	return nil
}
