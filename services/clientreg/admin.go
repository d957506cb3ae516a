package clientreg

import (
	"context"
	"net"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/https"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/operators"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// admin implements AdminService for operators: who calls, and that the call is
// written down, is the business of package operators.
type admin struct {
	adminv1.UnimplementedAdminServiceServer
	*registry
	// searches are the places for who searches the audit trail, which may be long.
	searches chan struct{}
}

// maxSearches go on at once.
const maxSearches = 2

// adminConnections are open at once at each address: operators are few.
const adminConnections = 64

// serveAdmin serves the admin API until ctx ends; at once where there is none.
func (r *registry) serveAdmin(ctx context.Context, cfg Admin, sockets []net.Listener) error {
	if len(sockets) == 0 {
		return nil
	}
	tlsConfig, err := cfg.TLS.ServerTLS(r.log, "h2", "http/1.1")
	if err != nil {
		return err
	}
	edge := &operators.Edge{Callers: cfg.table(), Issuers: r.issuers, Log: r.log, Audit: r.audit, Telemetry: r.telemetry, CountCheck: r.countCheck}
	handler, err := edge.Handler(ctx, &admin{registry: r, searches: make(chan struct{}, maxSearches)})
	if err != nil {
		return err
	}
	return https.Server{TLS: tlsConfig, Handler: handler, Log: r.log, MaxConnections: adminConnections}.Serve(ctx, sockets)
}

// errNoSuchClient answers an operator, who may know it.
var errNoSuchClient = status.Error(codes.NotFound, "there is no such client at this issuer")

// here is the issuer that a call is about: the interceptor has seen that it is
// there, and the caller's.
func here(ctx context.Context) *issuer.Issuer { return rpc.From(ctx).Issuer }

// actor is the operator, as the audit trail names it.
func actor(ctx context.Context) string { return operators.From(ctx).Name }

// shown is a client as an operator sees it. No hash of a token is.
func shown(record store.Record) *adminv1.Client {
	m := record.Metadata
	return &adminv1.Client{
		ClientId:                record.ClientID,
		ClientName:              m.ClientName,
		Serving:                 record.Serves(),
		Suspended:               !record.Active,
		Withdrawn:               record.Withdrawn,
		Framework:               record.Framework,
		Participant:             record.Participant,
		SoftwareId:              m.SoftwareID,
		TokenEndpointAuthMethod: m.TokenEndpointAuthMethod,
		Generation:              record.Generation,
		CreatedAt:               record.CreatedAt.Unix(),
		Resource:                m.Resource,
	}
}

// whole is shown with the metadata.
func whole(record store.Record) (*adminv1.Client, error) {
	text, err := json.Marshal(record.Metadata)
	if err != nil {
		return nil, err
	}
	client := shown(record)
	client.Metadata = string(text)
	return client, nil
}
