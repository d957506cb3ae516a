package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// DeleteRegistration ends a client for the bearer of its registration access
// token, RFC 7592 §2.3 (DCR-5), and that token with it. From its next use on, on
// every replica, the client is unknown (BAD-36, BAD-168); what others hold of it
// ends when they ask for it.
func (r *registry) DeleteRegistration(ctx context.Context, req *clientregv1.DeleteRegistrationRequest) (*clientregv1.DeleteRegistrationResponse, error) {
	issuer := rpc.From(ctx).Issuer
	current, err := r.managed(ctx, issuer, req)
	if err != nil {
		return nil, err
	}
	found, err := r.clients.Delete(ctx, issuer.Name, current.ClientID, current.RegistrationTokenHash, r.announce(ctx, issuer.Name, current.ClientID))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errRegistrationToken
	}
	r.log.InfoContext(ctx, "client deleted", "issuer", issuer.Name, "client_id", current.ClientID)
	// It has ended, whether or not the trail can tell of it yet.
	_ = r.audit.Record(ctx, audit.Event{Kind: audit.ClientDeleted, ClientID: current.ClientID})
	return &clientregv1.DeleteRegistrationResponse{}, nil
}
