package keys

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// PublicKeys answers the JWK set of the issuer (RFC 7517 §5): active keys, and
// retired ones, by which what they signed still verifies (CRY-8: FAPI 2.0 §6,
// old and new keys overlap).
func (s *Service) PublicKeys(ctx context.Context, _ *keysv1.PublicKeysRequest) (*keysv1.PublicKeysResponse, error) {
	return &keysv1.PublicKeysResponse{Jwks: s.ring.Load().jwks[rpc.From(ctx).Issuer.Name]}, nil
}
