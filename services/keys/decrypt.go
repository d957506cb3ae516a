package keys

import (
	"context"
	"errors"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// maxTried caps the keys tried on one JWE that names none, so that nobody makes us
// work for nothing (CRY-6): the next one, the active one, and two that retired.
const maxTried = 4

// errNotDecrypted is the one refusal: which step failed is told to nobody outside
// (THR-5, BAD-60).
var errNotDecrypted = oauth.New(oauth.CodeInvalidRequestObject,
	"the request object cannot be decrypted: encrypt it to a key of this issuer's JWK set with use enc, by that key's alg").By("JAR-2")

// Decrypt opens a JWE that was encrypted to one of the issuer's keys. It reads no
// store.
func (s *Service) Decrypt(ctx context.Context, req *keysv1.DecryptRequest) (*keysv1.DecryptResponse, error) {
	p, err := permitted(ctx, req.GetPurpose(), true)
	if err != nil {
		return nil, err
	}
	encrypted, err := jose.ParseEncrypted(req.GetJwe())
	if err != nil {
		return nil, errNotDecrypted.Because(err)
	}
	u := use{rpc.From(ctx).Issuer.Name, p.name, encrypted.Header.Algorithm}
	keys := s.decrypting(u, encrypted.Header.KeyID)
	if len(keys) == 0 {
		return nil, errNotDecrypted.Because(errors.New("the issuer has no key of this kid and alg"))
	}
	for _, key := range keys {
		payload, err := encrypted.Decrypt(key.private)
		switch {
		case errors.Is(err, jose.ErrDecryption):
			continue
		case err != nil:
			return nil, unavailable(err)
		}
		if err := s.used(ctx, u, key); err != nil {
			return nil, err
		}
		return &keysv1.DecryptResponse{Payload: payload}, nil
	}
	return nil, errNotDecrypted.Because(jose.ErrDecryption)
}

// decrypting are the keys that a JWE may mean: the one of its kid, or the newest.
func (s *Service) decrypting(u use, kid string) []*key {
	var keys []*key
	for _, k := range s.ring.Load().inUse[u] {
		if kid == "" || k.public.ID() == kid {
			keys = append(keys, k.key)
		}
	}
	return keys[:min(len(keys), maxTried)]
}
