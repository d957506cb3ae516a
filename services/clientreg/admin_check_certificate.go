package clientreg

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/describe"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
)

// CheckCertificate reads a certificate as a client's would be, and asks every trust
// store of the issuer, and their authorities, what they make of it.
func (a *admin) CheckCertificate(ctx context.Context, req *adminv1.CheckCertificateRequest) (*adminv1.CheckCertificateResponse, error) {
	chain, err := describe.Chain([]byte(req.GetCertificates()))
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "certificates: "+err.Error())
	}
	leaf, err := x509.ParseCertificate(chain[0])
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, "certificates: the first is malformed")
	}
	i := here(ctx)
	response := &adminv1.CheckCertificateResponse{Certificate: certificateOf(leaf)}
	response.Trust = append(response.Trust, a.trust(ctx, i.Name, "", i.ClientCertificates, chain))
	for n := range i.TrustFrameworks {
		f := &i.TrustFrameworks[n]
		name, store := i.TrustStore(f.Name)
		response.Trust = append(response.Trust, a.trust(ctx, name, f.Name, store, chain))
	}
	return response, nil
}

func (a *admin) trust(ctx context.Context, store, framework string, configured trust.Store, chain [][]byte) *adminv1.Trust {
	now := a.clock.Now()
	evidence := a.certificates.Read(ctx, store, chain, now)
	told := &adminv1.Trust{
		Framework: framework, Trusted: evidence.Untrusted == nil && evidence.Fault == nil,
		Revocation: a.certificates.Revocation(ctx, store, chain, now), DnPolicy: cmp.Or(configured.DNPolicy, "rfc4514"),
	}
	if why := errors.Join(evidence.Fault, evidence.Untrusted); why != nil {
		told.Because = why.Error()
	}
	return told
}

func certificateOf(leaf *x509.Certificate) *adminv1.Certificate {
	d := describe.Of(leaf)
	return &adminv1.Certificate{
		Subject: d.Subject, Compared: d.Compared, Issuer: d.Issuer, Names: d.Names,
		NotBefore: d.NotBefore.Format(time.RFC3339), NotAfter: d.NotAfter.Format(time.RFC3339), Thumbprint: d.Thumbprint, Key: d.Key,
		Psd2Roles: d.Roles, Psd2Authority: d.Authority, Psd2Fault: d.RolesFault, OrganizationId: d.Organization,
	}
}
