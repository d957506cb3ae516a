package par

import (
	"context"
	"strings"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	parv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/par/v1"
)

// errRequestURI is the one answer to a request_uri that cannot be used, whatever
// the reason (PAR-5: RFC 9126 §4): it tells nothing of other clients' requests.
var errRequestURI = oauth.New(oauth.CodeInvalidRequestURI, "request_uri is unknown, expired, used or another client's").By("PAR-5")

// Resolve answers a request to the client that pushed it, as often as asked:
// pages are reloaded and links previewed (SP2-35).
func (s *Service) Resolve(ctx context.Context, req *parv1.ResolveRequest) (*parv1.ResolveResponse, error) {
	scope := rpc.From(ctx)
	reference, ok := strings.CutPrefix(req.GetRequestUri(), oauth.RequestURIPrefix)
	if !ok {
		return nil, errRequestURI
	}
	request, found, err := s.requests.Get(ctx, scope.Issuer.Name, reference)
	if err != nil {
		return nil, err
	}
	if !found || request.ClientID != req.GetClientId() || !s.clock.Now().Before(request.Expires) {
		return nil, errRequestURI
	}
	return &parv1.ResolveResponse{Params: request.Params}, nil
}
