package keys

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// maxPayload bounds the claims, in bytes, before anything reads them.
const maxPayload = 64 << 10

// Sign makes a compact JWS over claims. It reads no store: every key that may
// be asked for is in memory.
func (s *Service) Sign(ctx context.Context, req *keysv1.SignRequest) (*keysv1.SignResponse, error) {
	p, err := permitted(ctx, req.GetPurpose())
	if err != nil {
		return nil, err
	}
	if len(req.GetPayload()) > maxPayload {
		return nil, status.Errorf(codes.InvalidArgument, "the payload is longer than %d bytes", maxPayload)
	}
	algorithm := jose.Algorithm(req.GetAlgorithm())
	key, ok := s.ring.Load().active[use{rpc.From(ctx).Issuer.Name, p.name, algorithm}]
	if !ok {
		return nil, status.Errorf(codes.InvalidArgument, "the issuer does not sign a %s with this algorithm", p.name)
	}
	jws, err := jose.Sign(algorithm, key.public.ID(), p.typ, req.GetPayload(), key.signer)
	switch {
	case errors.Is(err, jose.ErrMalformed):
		return nil, status.Error(codes.InvalidArgument, "the payload is not one JSON object that fits a token: "+err.Error())
	case err != nil:
		return nil, unavailable(err)
	}
	return &keysv1.SignResponse{Jws: jws}, nil
}

// unavailable is the refusal where a key backend does not answer, such as a
// device that is not there; the client may try again in a second.
func unavailable(cause error) error { return oauth.Unavailable(1).Because(cause) }
