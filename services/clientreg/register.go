package clientreg

import (
	"context"
	"errors"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
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
	if err := r.countRegistration(ctx, issuer.Name, token.hash); err != nil {
		return nil, err
	}
	rules := registration.Rules{Issuer: issuer, Fetchable: r.fetchable(issuer), Fetch: r.document(ctx), ResourceServers: token.resourceServer}
	accepted, err := rules.Accept(req.GetMetadata())
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
	if err := r.audit.Record(ctx, audit.Event{Kind: audit.ClientRegistered, ClientID: record.ClientID}); err != nil {
		return nil, err
	}
	return inform(issuer, record, accessToken)
}

// period is what registrations are counted in.
const period = time.Minute

// countRegistration bounds how fast a token fills the registry (THR-11). Refused
// attempts count too: to judge metadata costs more than to store it.
func (r *registry) countRegistration(ctx context.Context, issuer, tokenHash string) error {
	if r.registrationsPerMinute == 0 {
		return nil
	}
	now := r.clock.Now().Unix()
	seconds := int64(period / time.Second)
	count, err := r.marks.CountRegistration(ctx, issuer, tokenHash, now/seconds)
	if err != nil {
		return err
	}
	if count > int64(r.registrationsPerMinute) {
		return oauth.TooMany(int(seconds - now%seconds)).By("THR-11")
	}
	return nil
}

// fetchable judges addresses that clients of an issuer name.
func (r *registry) fetchable(i *issuer.Issuer) func(address string) error {
	return func(address string) error {
		if !i.PermitsHost(address) {
			return errElsewhere
		}
		return r.outside.Check(address)
	}
}

var errElsewhere = errors.New("the host is not one of the issuer's client_hosts")

// document gets what a client publishes, while it waits.
func (r *registry) document(ctx context.Context) func(address string) ([]byte, error) {
	return func(address string) ([]byte, error) {
		document, err := r.outside.Get(ctx, address)
		return document.Body, err
	}
}
