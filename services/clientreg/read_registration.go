package clientreg

import (
	"context"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// errRegistrationToken is the one answer to a token that does not open this
// client, whether or not there is such a client (DCR-5: RFC 7592 §2.1).
var errRegistrationToken = oauth.InvalidToken("the registration access token is not this client's").By("DCR-5")

// ReadRegistration answers a client's registration to the bearer of its
// registration access token.
func (r *registry) ReadRegistration(ctx context.Context, req *clientregv1.ReadRegistrationRequest) (*clientregv1.RegistrationResponse, error) {
	issuer := rpc.From(ctx).Issuer
	record, err := r.managed(ctx, issuer, req)
	if err != nil {
		return nil, err
	}
	return inform(issuer, record, req.GetBearerToken())
}

// registered is the active client whose registration access token this is.
func (r *registry) registered(ctx context.Context, issuer, clientID, accessToken string) (store.Record, error) {
	if !directory.ValidClientID(clientID) {
		return store.Record{}, errRegistrationToken
	}
	record, found, err := r.clients.Get(ctx, issuer, clientID)
	if err != nil {
		return store.Record{}, err
	}
	// No hash equals the empty one of a client that was not found.
	if !oauth.Equal(oauth.Hash(accessToken), record.RegistrationTokenHash) || !found || !record.Serves() {
		return store.Record{}, errRegistrationToken
	}
	return record, nil
}

// inform writes RFC 7591 §3.2.1 client information. The token comes from who
// knows it: only its hash is kept.
func inform(i *issuer.Issuer, record store.Record, accessToken string) (*clientregv1.RegistrationResponse, error) {
	information, err := json.Marshal(metadata.Information{
		ClientID:                record.ClientID,
		ClientIDIssuedAt:        record.CreatedAt.Unix(),
		RegistrationAccessToken: accessToken,
		RegistrationClientURI:   managedAt(i, record) + "/" + record.ClientID,
		Client:                  record.Metadata,
	})
	if err != nil {
		return nil, err
	}
	return &clientregv1.RegistrationResponse{Information: information}, nil
}

// managedAt is the endpoint that manages a client: on the listener that asks for
// certificates, where the client's framework wants one to manage or to register,
// which a replacement does again.
func managedAt(i *issuer.Issuer, record store.Record) string {
	if f, ok := i.Framework(record.Framework); ok && (f.ManagementCertificate || f.NeedsCertificate()) {
		return i.MTLSURL(issuer.Registration)
	}
	return i.URL(issuer.Registration)
}
