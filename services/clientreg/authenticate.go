package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/authn"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
)

// errReplayed answers an assertion that another attempt has used (PKJ-2, BAD-15).
var errReplayed = oauth.InvalidClient("client_assertion was used before").By("PKJ-2")

// Authenticate proves who calls, in the order of CA-1: count the methods, find
// the client, verify; what may be used once is used up last. The client is taken
// from memory. The trip to Redis that burns the jti also tells whether memory is
// still right; where it is not, the proof must hold for the newer client too.
func (r *registry) Authenticate(ctx context.Context, req *clientregv1.AuthenticateRequest) (*clientregv1.AuthenticateResponse, error) {
	scope := rpc.From(ctx)
	presented, err := authn.Read(req.GetCredentials())
	if err != nil {
		return nil, err
	}
	attempt := authn.Attempt{Presented: presented, Issuer: scope.Issuer, Now: r.clock.Now()}
	client, once, err := r.verify(ctx, attempt)
	if err != nil {
		return nil, err
	}
	burnt, generation, err := r.marks.Burn(ctx, scope.Issuer.Name, client.ID(), once.ID, scope.Attempt(), once.Until.Sub(attempt.Now))
	if err != nil {
		return nil, err
	}
	current, err := r.directory.AsOf(ctx, client, generation)
	if err != nil {
		return nil, err
	}
	if current != client {
		if _, err := attempt.Verify(current); err != nil {
			return nil, err
		}
	}
	if !burnt {
		return nil, errReplayed
	}
	return &clientregv1.AuthenticateResponse{Client: current.Public}, nil
}

// verify makes every check that needs no store but the client itself. A proof
// that does not hold for the client in memory may hold for a newer one: a client
// signs with a new key as soon as it has registered it.
func (r *registry) verify(ctx context.Context, attempt authn.Attempt) (*directory.Client, authn.Once, error) {
	client, err := r.directory.Recall(ctx, attempt.Issuer.Name, attempt.Presented.ClientID)
	if err != nil {
		return nil, authn.Once{}, err
	}
	once, refusal := attempt.Verify(client)
	if refusal == nil || client == nil {
		return client, once, refusal
	}
	current, err := r.directory.Current(ctx, client)
	if err != nil {
		return nil, authn.Once{}, err
	}
	if current == client {
		return nil, authn.Once{}, refusal
	}
	once, err = attempt.Verify(current)
	return current, once, err
}
