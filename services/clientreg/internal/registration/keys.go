package registration

import (
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// keysByValue refuses keys by reference: they are not served.
func keysByValue(r *registration) error {
	switch {
	case r.metadata.JWKSURI == "":
		return nil
	case r.metadata.JWKS != nil:
		return invalid("jwks and jwks_uri exclude each other") // RFC 7591 §2
	}
	return invalid("jwks_uri is not served: register jwks")
}

// ownKeys checks the client's keys: public, and at least one that the client can
// sign an assertion with (BAD-156). Whether there must be any, the profile says.
func ownKeys(r *registration) error {
	m := &r.metadata
	if m.JWKS == nil {
		return nil
	}
	keys, err := jose.ParseKeySet(m.JWKS)
	if err != nil {
		return invalid("jwks must be a JWK set of public keys of sufficient size").Because(err)
	}
	if m.TokenEndpointAuthMethod == oauth.AuthPrivateKeyJWT && !r.canSign(keys) {
		return invalid("jwks has no key for a signing algorithm of the profile, or for token_endpoint_auth_signing_alg").By("PKJ-2")
	}
	r.sharedKeyIDs = keys.DuplicateIDs()
	return nil
}

// canSign tells whether an assertion by one of the keys can be accepted.
func (r *registration) canSign(keys *jose.KeySet) bool {
	return slices.ContainsFunc(keys.Keys(), func(key *jose.Key) bool {
		if chosen := r.metadata.TokenEndpointAuthAlg; chosen != "" {
			return string(key.Algorithm()) == chosen
		}
		return slices.Contains(r.issuer.Rules().SigningAlgorithms, key.Algorithm())
	})
}
