package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/registration"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// errDuplicate is DCR-4, BAD-162.
var errDuplicate = oauth.New(oauth.CodeInvalidClientMetadata, "this software is registered already").By("DCR-4")

// Register makes a client from RFC 7591 metadata. The client_id is always ours
// (DCR-6, CRY-9: nobody chooses one that looks like a user's subject).
func (r *registry) Register(ctx context.Context, req *clientregv1.RegisterRequest) (*clientregv1.RegistrationResponse, error) {
	issuer := rpc.From(ctx).Issuer
	caller, err := r.arrive(issuer, req)
	if err != nil {
		return nil, err
	}
	application, err := r.apply(ctx, issuer, req, caller)
	if err != nil {
		return nil, err
	}
	record, accessToken, err := r.create(ctx, issuer, application, caller.token.resourceServer, "")
	if err != nil {
		return nil, err
	}
	return inform(issuer, record, accessToken)
}

// create judges the metadata of an application that was let in, uses up what comes
// once, and keeps the client. Actor is the operator who registers it; "" for
// whoever calls.
func (r *registry) create(ctx context.Context, i *issuer.Issuer, a application, resourceServers bool, actor string) (record store.Record, accessToken string, err error) {
	accepted, err := r.rules(ctx, i, frameworkOf(a.statement), resourceServers).Accept(a.asked)
	if err != nil {
		return store.Record{}, "", err
	}
	if err := r.useUp(ctx, i, a); err != nil {
		return store.Record{}, "", err
	}
	accessToken = oauth.NewSecret()
	record = store.Record{
		ClientID:              oauth.ClientIDPrefix + oauth.NewID(),
		Generation:            1,
		Active:                true,
		Metadata:              accepted.Metadata,
		RegistrationTokenHash: oauth.Hash(accessToken),
		CreatedAt:             r.clock.Now(),
	}
	vouchedFor(&record, a.statement)
	created, err := r.clients.Create(ctx, i.Name, record)
	if err != nil {
		return store.Record{}, "", err
	}
	if !created {
		return store.Record{}, "", errDuplicate
	}
	r.log.InfoContext(ctx, "client registered", "issuer", i.Name, "client_id", record.ClientID,
		"framework", record.Framework, "participant", record.Participant, "shared_kids", accepted.SharedKeyIDs)
	event := audit.Event{
		Kind: audit.ClientRegistered, Actor: actor, ClientID: record.ClientID, Framework: record.Framework, Participant: record.Participant,
	}
	if err := r.audit.Record(ctx, event); err != nil {
		r.takeBack(ctx, i, event)
		return store.Record{}, "", err
	}
	return record, accessToken, nil
}

// rules are what the metadata of a client is judged by.
func (r *registry) rules(ctx context.Context, i *issuer.Issuer, framework string, resourceServers bool) registration.Rules {
	return registration.Rules{Issuer: i, Fetchable: r.fetchable(i), Fetch: r.document(ctx), Framework: framework, ResourceServers: resourceServers}
}

// vouchedFor writes down by whom a client is vouched for, and for whom.
func vouchedFor(record *store.Record, s *statement.Statement) {
	if s == nil {
		return
	}
	record.Framework, record.Participant = s.Framework.Name, s.Participant
	if s.Framework.Duplicates == framework.Refuse {
		record.SoftwareOnce = s.SoftwareID
	}
}
