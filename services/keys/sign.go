package keys

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"slices"

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
	p, err := permitted(ctx, req.GetPurpose(), false)
	if err != nil {
		return nil, err
	}
	if len(req.GetPayload()) > maxPayload {
		return nil, status.Errorf(codes.InvalidArgument, "the payload is longer than %d bytes", maxPayload)
	}
	algorithm, err := jose.ParseAlgorithm(req.GetAlgorithm())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	u := use{rpc.From(ctx).Issuer.Name, p.name, algorithm}
	key := s.ring.Load().active(u, s.clock.Now())
	switch {
	case key == nil && slices.Contains(s.uses, u): // to a clock that is slow
		return nil, unavailable(fmt.Errorf("no key of issuer %s for %s with %s has begun", u.issuer, p.name, algorithm))
	case key == nil:
		return nil, status.Errorf(codes.InvalidArgument, "issuer %s has no key to sign a %s with %s: see %s in its configuration", u.issuer, p.name, algorithm, p.setting)
	}
	signer, ok := key.private.(crypto.Signer)
	if !ok {
		return nil, errors.New("the backend's key does not sign")
	}
	jws, err := jose.Sign(algorithm, key.public.ID(), p.typ, req.GetPayload(), signer)
	switch {
	case errors.Is(err, jose.ErrMalformed):
		return nil, status.Error(codes.InvalidArgument, "the payload is not one JSON object that fits a token: "+err.Error())
	case err != nil:
		return nil, unavailable(err)
	}
	if err := s.used(ctx, u, key); err != nil {
		return nil, err
	}
	return &keysv1.SignResponse{Jws: jws}, nil
}

// unavailable is the refusal where a key backend does not answer, such as a
// device that is not there; the client may try again in a second.
func unavailable(cause error) error { return oauth.Unavailable(1).Because(cause) }
