package authorize

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/audit"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// maxListed bounds one list of grants.
const maxListed = 1000

// ListGrants answers what a user gave, for the bank's app to show.
func (i *interactions) ListGrants(ctx context.Context, req *interactionv1.ListGrantsRequest) (*interactionv1.ListGrantsResponse, error) {
	of, err := i.issuerOf(ctx, req.GetIssuer())
	if err != nil {
		return nil, err
	}
	list, err := i.grants.List(ctx, of.Name, req.GetSubject(), i.clock.Now(), maxListed)
	if err != nil {
		return nil, i.storeFailed(ctx, err)
	}
	response := &interactionv1.ListGrantsResponse{}
	for _, grant := range list {
		response.Grants = append(response.Grants, &interactionv1.Grant{
			GrantId:    grant.ID,
			ClientId:   grant.ClientID,
			ClientName: grant.ClientName,
			Scopes:     requestedScopes(of, strings.Join(grant.Scopes, " ")),
			CreatedAt:  grant.Created.Unix(),
			ExpiresAt:  grant.Expires.Unix(),
		})
	}
	return response, nil
}

// WithdrawGrant ends a grant. Refresh and introspection ask for it each time, so
// it ends there at once.
func (i *interactions) WithdrawGrant(ctx context.Context, req *interactionv1.WithdrawGrantRequest) (*interactionv1.WithdrawGrantResponse, error) {
	of, err := i.issuerOf(ctx, req.GetIssuer())
	if err != nil {
		return nil, err
	}
	ended, err := i.grants.Withdraw(ctx, of.Name, req.GetSubject(), req.GetGrantId(), i.clock.Now())
	if err != nil {
		return nil, i.storeFailed(ctx, err)
	}
	if !ended {
		return nil, status.Error(codes.NotFound, "the user has no such grant")
	}
	i.log.InfoContext(ctx, "grant withdrawn", "issuer", of.Name, "grant_id", req.GetGrantId())
	// It has ended, whether or not the trail can tell of it yet.
	_ = i.audit.Record(ctx, audit.Event{
		Kind: audit.GrantWithdrawn, Issuer: of.Name, Actor: actor(ctx), GrantID: req.GetGrantId(), Subject: req.GetSubject(),
	})
	return &interactionv1.WithdrawGrantResponse{}, nil
}

// actor is the app that calls, as the audit trail names it.
func actor(ctx context.Context) string {
	caller, _ := ctx.Value(callerKey{}).(InteractionCaller)
	return caller.DNSName
}

// issuerOf is the issuer, for a caller that may act for it.
func (i *interactions) issuerOf(ctx context.Context, name string) (*issuer.Issuer, error) {
	caller, _ := ctx.Value(callerKey{}).(InteractionCaller)
	of, ok := i.issuers.ByName(name)
	if !ok || !slices.Contains(caller.Issuers, name) {
		return nil, status.Error(codes.PermissionDenied, "this caller may not act for this issuer")
	}
	return of, nil
}

func (i *interactions) storeFailed(ctx context.Context, err error) error {
	i.log.ErrorContext(ctx, "interaction store failed", "cause", err)
	return status.Error(codes.Unavailable, "the store cannot answer at the moment")
}
