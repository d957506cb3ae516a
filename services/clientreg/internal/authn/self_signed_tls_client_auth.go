package authn

import (
	"crypto/subtle"
	"fmt"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// errUnregistered is of the kind that newer keys may cure.
var errUnregistered = fmt.Errorf("%w: certificate is not among the client's keys", jose.ErrKey)

// selfSignedTLSClient is self_signed_tls_client_auth, RFC 8705 §2.2: a certificate
// that the client has registered itself, as the first of x5c of one of its keys
// (MTLS-4). Who signed it says nothing; its time counts.
func selfSignedTLSClient(a Attempt, client *directory.Client) (Once, error) {
	shown := a.Certificates[a.Issuer.Name] // the leaf and its faults are the same by every store
	if err := shown.Fault; err != nil {
		return Once{}, errUnproven.Because(err)
	}
	if client.Keys == nil || !registered(client.Keys, shown.Leaf) {
		return Once{}, errUnproven.Because(errUnregistered)
	}
	return Once{}, nil
}

// registered compares with every certificate, in time that tells nothing of which
// one it was.
func registered(keys *jose.KeySet, leaf []byte) bool {
	found := 0
	for _, key := range keys.Keys() {
		if chain := key.Certificates(); len(chain) > 0 {
			found |= subtle.ConstantTimeCompare(chain[0], leaf)
		}
	}
	return found == 1
}
