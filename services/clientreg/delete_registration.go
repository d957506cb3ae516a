package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// DeleteRegistration ends a client for the bearer of its registration access
// token, RFC 7592 §2.3 (DCR-5), and that token with it. From its next use on, on
// every replica, the client is unknown (BAD-36, BAD-168); what others hold of it
// ends when they ask for it.
func (r *registry) DeleteRegistration(ctx context.Context, req *clientregv1.DeleteRegistrationRequest) (*clientregv1.DeleteRegistrationResponse, error) {
	issuer, clientID := rpc.From(ctx).Issuer.Name, req.GetClientId()
	if !directory.ValidClientID(clientID) {
		return nil, errRegistrationToken
	}
	found, err := r.clients.Delete(ctx, issuer, clientID, oauth.Hash(req.GetBearerToken()), r.announce(ctx, issuer, clientID))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errRegistrationToken
	}
	r.log.InfoContext(ctx, "client deleted", "issuer", issuer, "client_id", clientID)
	// It has ended, whether or not the trail can tell of it yet.
	_ = r.audit.Record(ctx, audit.Event{Kind: audit.ClientDeleted, ClientID: clientID})
	return &clientregv1.DeleteRegistrationResponse{}, nil
}
