package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/registration"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/statement"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// UpdateRegistration replaces a client's metadata for the bearer of its
// registration access token, RFC 7592 §2.2 (DCR-5). It holds at the client's next
// use on every replica. The token stays: it lives as long as the client.
func (r *registry) UpdateRegistration(ctx context.Context, req *clientregv1.UpdateRegistrationRequest) (*clientregv1.RegistrationResponse, error) {
	issuer := rpc.From(ctx).Issuer
	current, err := r.managed(ctx, issuer, req)
	if err != nil {
		return nil, err
	}
	application, err := r.reapply(ctx, issuer, req, current)
	if err != nil {
		return nil, registration.OfReplacement(err)
	}
	accepted, err := r.rules(ctx, issuer, current.Framework, false).Replace(application.asked, current)
	if err != nil {
		return nil, err
	}
	if err := r.useUp(ctx, issuer, application); err != nil {
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

// reapply reads a request to replace, and has it as the client's statement says:
// the one that comes with it, else the one that is kept.
func (r *registry) reapply(ctx context.Context, i *issuer.Issuer, req document, current store.Record) (application, error) {
	a, err := read(req)
	if err != nil {
		return application{}, err
	}
	compact, err := a.asked.Statement()
	if err != nil {
		return application{}, err
	}
	if a.statement, err = r.restated(ctx, i, compact, current); err != nil {
		return application{}, err
	}
	err = r.vouch(ctx, i, &a, req.GetCertificates())
	return a, err
}

// errOtherSoftware refuses to make one client another's, or to vouch for one
// afterwards that was let in otherwise (THR-11).
var errOtherSoftware = oauth.New(oauth.CodeInvalidStatement, "software_statement must be of the software and the trust framework that the client was registered with").By("SSA-1")

// restated is the statement that a client stands on from now on; nil for a client
// that never had one. The time of the kept one may be over: that it still says what
// it must, and that its participant is in good standing, is judged again.
func (r *registry) restated(ctx context.Context, i *issuer.Issuer, compact string, current store.Record) (*statement.Statement, error) {
	kept := current.Metadata.SoftwareStatement
	switch {
	case compact == "" && kept == "":
		return nil, nil
	case compact == "" || compact == kept:
		return r.statements.Kept(ctx, i, kept)
	}
	s, err := r.statements.Verify(ctx, i, compact, r.clock.Now())
	if err != nil {
		return nil, err
	}
	if s.Framework.Name != current.Framework || s.Participant != current.Participant || s.SoftwareID != current.Metadata.SoftwareID {
		return nil, errOtherSoftware
	}
	return s, nil
}

// announce tells every replica of a client's next generation.
func (r *registry) announce(ctx context.Context, issuer, clientID string) store.Announce {
	return func(generation int64) error { return r.marks.Announce(ctx, issuer, clientID, generation) }
}
