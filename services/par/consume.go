package par

import (
	"context"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// Consume burns a request_uri for one attempt. It needs no record: a user may
// take longer than the request_uri lives. The mark outlives every session that
// could still complete: a session begins before the request_uri expires.
func (s *Service) Consume(ctx context.Context, req *parv1.ConsumeRequest) (*parv1.ConsumeResponse, error) {
	scope := rpc.From(ctx)
	reference, ok := strings.CutPrefix(req.GetRequestUri(), oauth.RequestURIPrefix)
	if !ok {
		return nil, errRequestURI
	}
	lifetimes := scope.Issuer.Lifetimes
	burnt, err := s.requests.Burn(ctx, scope.Issuer.Name, reference, scope.Attempt(), lifetimes.RequestURI+2*lifetimes.Session)
	if err != nil {
		return nil, err
	}
	if !burnt {
		return nil, errRequestURI
	}
	return &parv1.ConsumeResponse{}, nil
}
