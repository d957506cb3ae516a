package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// errNoClient does not tell an unknown client from a suspended one.
var errNoClient = oauth.InvalidClient("client is unknown").By("CA-1")

// GetClient answers an active client to who has no proof of it: the user's
// browser names a client, and a grant remembers one.
func (r *registry) GetClient(ctx context.Context, req *clientregv1.GetClientRequest) (*clientregv1.GetClientResponse, error) {
	client, err := r.directory.Recall(ctx, rpc.From(ctx).Issuer.Name, req.GetClientId())
	if err != nil {
		return nil, err
	}
	if client != nil {
		if client, err = r.directory.Current(ctx, client); err != nil {
			return nil, err
		}
	}
	if client == nil || !client.Active {
		return nil, errNoClient
	}
	return &clientregv1.GetClientResponse{Client: client.Public}, nil
}
