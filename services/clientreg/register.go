package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
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
	accepted, err := registration.Rules{Issuer: issuer, Fetchable: r.fetchable(issuer), Fetch: r.document(ctx), Framework: frameworkOf(application.statement), ResourceServers: caller.token.resourceServer}.Accept(application.asked)
	if err != nil {
		return nil, err
	}
	if err := r.useUp(ctx, issuer, application); err != nil {
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
	vouchedFor(&record, application.statement)
	created, err := r.clients.Create(ctx, issuer.Name, record)
	if err != nil {
		return nil, err
	}
	if !created {
		return nil, errDuplicate
	}
	r.log.InfoContext(ctx, "client registered", "issuer", issuer.Name, "client_id", record.ClientID,
		"framework", record.Framework, "participant", record.Participant, "shared_kids", accepted.SharedKeyIDs)
	if err := r.audit.Record(ctx, audit.Event{Kind: audit.ClientRegistered, ClientID: record.ClientID}); err != nil {
		return nil, err
	}
	return inform(issuer, record, accessToken)
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
