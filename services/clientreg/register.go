package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/registration"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// Register makes a client from RFC 7591 metadata. The client_id is always ours
// (DCR-6, CRY-9: nobody chooses one that looks like a user's subject).
func (r *registry) Register(ctx context.Context, req *clientregv1.RegisterRequest) (*clientregv1.RegistrationResponse, error) {
	token, ok := r.initialTokens.open(req.GetBearerToken())
	if !ok {
		return nil, errInitialToken
	}
	issuer := rpc.From(ctx).Issuer
	accepted, err := registration.Accept(req.GetMetadata(), issuer, token.resourceServer)
	if err != nil {
		return nil, err
	}
	accessToken := oauth.NewSecret()
	record := store.Record{
		ClientID:              oauth.ClientIDPrefix + oauth.NewID(),
		Generation:            1,
		Active:                true,
		Metadata:              accepted.Metadata,
		RegistrationTokenHash: oauth.Hash(accessToken),
		CreatedAt:             r.clock.Now(),
	}
	if err := r.clients.Create(ctx, issuer.Name, record); err != nil {
		return nil, err
	}
	r.log.InfoContext(ctx, "client registered", "issuer", issuer.Name, "client_id", record.ClientID, "shared_kids", accepted.SharedKeyIDs)
	return inform(issuer, record, accessToken)
}
