package keys

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"

	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// nonceKeyLength fits HMAC-SHA-256, in bytes.
const nonceKeyLength = 32

// NonceKey derives the issuer's secret behind DPoP nonces. It follows from the
// key-encryption key, so that every replica derives the same and none is kept.
func (s *Service) NonceKey(ctx context.Context, _ *keysv1.NonceKeyRequest) (*keysv1.NonceKeyResponse, error) {
	key, err := hkdf.Key(sha256.New, s.kek, nil, "strongroom DPoP nonces of "+rpc.From(ctx).Issuer.Name, nonceKeyLength)
	if err != nil {
		return nil, err
	}
	return &keysv1.NonceKeyResponse{Key: key}, nil
}
