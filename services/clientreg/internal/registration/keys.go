package registration

import (
	"slices"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// oneKeySource lets a client have its keys by value or by reference (RFC 7591 §2).
// Of a reference only the address is judged (BAD-157): the keys are fetched when
// they are needed, and judged then.
func oneKeySource(r *registration) error {
	switch {
	case r.metadata.JWKSURI == "":
		return nil
	case r.metadata.JWKS != nil:
		return invalid("jwks and jwks_uri exclude each other")
	}
	if err := r.Fetchable(r.metadata.JWKSURI); err != nil {
		return invalid("jwks_uri must be an https URL at port 443 of a host on the internet, and of the directory where the ecosystem has one").By("THR-3").Because(err)
	}
	return nil
}

// ownKeys checks the client's keys: public, and at least one that the client can
// prove itself with (BAD-156). Whether there must be any, the profile says.
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
	if m.TokenEndpointAuthMethod == oauth.AuthSelfSignedTLSClient && !slices.ContainsFunc(keys.Keys(), certified) {
		return invalid("jwks has no key with a certificate in x5c").By("MTLS-4")
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
		return slices.Contains(r.Issuer.Rules().SigningAlgorithms, key.Algorithm())
	})
}

func certified(key *jose.Key) bool { return len(key.Certificates()) > 0 }
