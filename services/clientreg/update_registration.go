package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/registration"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// UpdateRegistration replaces a client's metadata for the bearer of its
// registration access token, RFC 7592 §2.2 (DCR-5). It holds at the client's next
// use on every replica. The token stays: it lives as long as the client.
func (r *registry) UpdateRegistration(ctx context.Context, req *clientregv1.UpdateRegistrationRequest) (*clientregv1.RegistrationResponse, error) {
	issuer := rpc.From(ctx).Issuer
	current, err := r.registered(ctx, issuer.Name, req.GetClientId(), req.GetBearerToken())
	if err != nil {
		return nil, err
	}
	accepted, err := registration.Rules{Issuer: issuer, Fetchable: r.fetchable(issuer), Fetch: r.document(ctx)}.Replace(req.GetMetadata(), current)
	if err != nil {
		return nil, err
	}
	record, found, err := r.clients.Update(ctx, issuer.Name, current.ClientID, current.RegistrationTokenHash, accepted.Metadata,
		r.announce(ctx, issuer.Name, current.ClientID))
	if err != nil {
		return nil, err
	}
	if !found {
		return nil, errRegistrationToken // deleted or suspended since it was read
	}
	r.log.InfoContext(ctx, "client registration replaced", "issuer", issuer.Name, "client_id", record.ClientID,
		"generation", record.Generation, "shared_kids", accepted.SharedKeyIDs)
	if err := r.audit.Record(ctx, audit.Event{Kind: audit.ClientUpdated, ClientID: record.ClientID}); err != nil {
		return nil, err
	}
	return inform(issuer, record, req.GetBearerToken())
}

// announce tells every replica of a client's next generation.
func (r *registry) announce(ctx context.Context, issuer, clientID string) store.Announce {
	return func(generation int64) error { return r.marks.Announce(ctx, issuer, clientID, generation) }
}
