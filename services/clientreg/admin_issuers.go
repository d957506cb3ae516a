package clientreg

import (
	"cmp"
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/trust"
	adminv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/admin/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/operators"
)

var errNoSuchFramework = status.Error(codes.NotFound, "there is no such trust framework at this issuer")

// ListIssuers answers those of the caller.
func (a *admin) ListIssuers(ctx context.Context, _ *adminv1.ListIssuersRequest) (*adminv1.ListIssuersResponse, error) {
	response := &adminv1.ListIssuersResponse{}
	for _, i := range a.issuers.All() {
		if operators.From(ctx).MayActFor(i.Name) {
			response.Issuers = append(response.Issuers, issuerShown(i))
		}
	}
	return response, nil
}

func issuerShown(i *issuer.Issuer) *adminv1.Issuer {
	told := &adminv1.Issuer{
		Name: i.Name, Issuer: i.Identifier, Profile: i.Profile, Scopes: i.ScopeNames(), TokenEndpointAuthMethods: i.AuthMethods(),
		ClientCertificates: storeShown(i.ClientCertificates),
	}
	for _, gate := range i.Registration.Gates {
		way := &adminv1.Gate{}
		for _, credential := range gate.Require {
			way.Require = append(way.Require, string(credential))
		}
		told.RegistrationGates = append(told.RegistrationGates, way)
	}
	for n := range i.TrustFrameworks {
		told.Frameworks = append(told.Frameworks, i.TrustFrameworks[n].Name)
	}
	return told
}

func storeShown(s trust.Store) *adminv1.TrustStore {
	return &adminv1.TrustStore{Authorities: s.AuthoritiesFile(), DnPolicy: cmp.Or(s.DNPolicy, "rfc4514"), Revocation: string(s.Revocation)}
}

// ListFrameworks answers those of an issuer.
func (a *admin) ListFrameworks(ctx context.Context, _ *adminv1.ListFrameworksRequest) (*adminv1.ListFrameworksResponse, error) {
	response := &adminv1.ListFrameworksResponse{}
	i := here(ctx)
	for n := range i.TrustFrameworks {
		response.Frameworks = append(response.Frameworks, frameworkShown(&i.TrustFrameworks[n]))
	}
	return response, nil
}

func frameworkShown(f *framework.Framework) *adminv1.Framework {
	told := &adminv1.Framework{
		Name: f.Name, Issuer: f.Issuer, JwksUri: f.JWKSURI, JwksFile: f.KeysFile(), Duplicates: string(f.Duplicates), NeedsCertificate: f.NeedsCertificate(),
	}
	for _, algorithm := range f.Algorithms {
		told.Algs = append(told.Algs, string(algorithm))
	}
	if f.ClientCertificates.Authorities != "" {
		told.ClientCertificates = storeShown(f.ClientCertificates)
	}
	if f.Participants != nil {
		told.ParticipantsUri = f.Participants.URI
	}
	return told
}
