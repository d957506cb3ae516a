package clientreg

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/describe"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// handed is a request to register as an operator hands it over.
type handed struct {
	metadata     []byte
	signed       bool
	certificates [][]byte
}

func (h handed) GetMetadata() []byte       { return h.metadata }
func (h handed) GetSigned() bool           { return h.signed }
func (h handed) GetCertificates() [][]byte { return h.certificates }

func hand(metadata string, signed bool, certificates string) (handed, error) {
	h := handed{metadata: []byte(metadata), signed: signed}
	if certificates == "" {
		return h, nil
	}
	var err error
	if h.certificates, err = describe.Chain([]byte(certificates)); err != nil {
		return handed{}, status.Error(codes.InvalidArgument, "certificates: "+err.Error())
	}
	return h, nil
}

// RegisterClient makes a client for an operator. Its role stands for the gate, and
// nobody counts it. All else is judged as for dynamic registration: a statement
// that comes is verified and used up, and where its trust framework wants a
// certificate, the operator hands the participant's over. An operator may register
// a resource server.
func (a *admin) RegisterClient(ctx context.Context, req *adminv1.RegisterClientRequest) (*adminv1.RegisterClientResponse, error) {
	request, err := hand(req.GetMetadata(), req.GetSigned(), req.GetCertificates())
	if err != nil {
		return nil, err
	}
	i := here(ctx)
	asked, err := a.verified(ctx, i, request)
	if err != nil {
		return nil, err
	}
	record, accessToken, err := a.create(ctx, i, asked, true, actor(ctx))
	if err != nil {
		return nil, err
	}
	client, err := whole(record)
	if err != nil {
		return nil, err
	}
	return &adminv1.RegisterClientResponse{
		Client: client, RegistrationAccessToken: accessToken, RegistrationClientUri: managedAt(i, record) + "/" + record.ClientID,
	}, nil
}

// verified reads a request whose sender needs no gate.
func (r *registry) verified(ctx context.Context, i *issuer.Issuer, req document) (application, error) {
	a, err := read(req)
	if err != nil {
		return application{}, err
	}
	compact, err := a.asked.Statement()
	if err != nil {
		return application{}, err
	}
	if compact != "" {
		if a.statement, err = r.statements.Verify(ctx, i, compact, r.clock.Now()); err != nil {
			return application{}, err
		}
	}
	err = r.vouch(ctx, i, &a, req.GetCertificates())
	return a, err
}
