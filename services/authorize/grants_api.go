package authorize

import (
	"context"
	"strings"

	"github.com/strongroom-fapi/strongroom/platform/audit"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	interactionv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/interaction/v1"
)

// maxListed bounds one list of grants.
const maxListed = 1000

// ListGrants answers what a user gave, for the bank's app to show.
func (i *interactions) ListGrants(ctx context.Context, req *interactionv1.ListGrantsRequest) (*interactionv1.ListGrantsResponse, error) {
	of := rpc.From(ctx).Issuer
	list, err := i.grants.List(ctx, of.Name, req.GetSubject(), i.clock.Now(), maxListed)
	if err != nil {
		return nil, err
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
// it ends there at once. Whoever did not hear that it has ended comes again, and the
// trail, which may not have heard of it either, is told again.
func (i *interactions) WithdrawGrant(ctx context.Context, req *interactionv1.WithdrawGrantRequest) (*interactionv1.WithdrawGrantResponse, error) {
	of := rpc.From(ctx).Issuer
	rpc.ConcernsGrant(ctx, req.GetGrantId(), "")
	client, ended, err := i.grants.Withdraw(ctx, of.Name, req.GetSubject(), req.GetGrantId(), i.clock.Now())
	if err != nil {
		return nil, err
	}
	if !ended {
		return nil, errNoGrant
	}
	i.log.InfoContext(ctx, "grant withdrawn", "issuer", of.Name, "grant_id", req.GetGrantId())
	// It has ended, whether or not the trail can tell of it yet.
	_ = i.audit.Record(ctx, audit.Event{
		Kind: audit.GrantWithdrawn, Actor: actor(ctx), ClientID: client, GrantID: req.GetGrantId(), Subject: req.GetSubject(),
	})
	return &interactionv1.WithdrawGrantResponse{}, nil
}
