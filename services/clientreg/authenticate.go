package clientreg

import (
	"context"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/authn"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/certificate"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// errReplayed answers an assertion that another attempt has used (PKJ-2, BAD-15).
var errReplayed = oauth.InvalidClient("client_assertion was used before").By("PKJ-2")

// Authenticate proves who calls, in the order of CA-1: count the methods, find
// the client, verify; what may be used once is used up last. The client is taken
// from memory. The trip to Redis that burns the jti also tells whether memory is
// still right; where it is not, the proof must hold for the newer client too.
func (r *registry) Authenticate(ctx context.Context, req *clientregv1.AuthenticateRequest) (*clientregv1.AuthenticateResponse, error) {
	attempt, err := r.attempt(ctx, req)
	if err != nil {
		return nil, err
	}
	client, once, err := r.verify(ctx, attempt)
	if err != nil {
		return nil, err
	}
	burnt, generation, err := r.burn(ctx, attempt, client, once)
	if err != nil {
		return nil, err
	}
	current, err := r.directory.AsOf(ctx, client, generation)
	if err != nil {
		return nil, err
	}
	if current != client {
		if _, err := r.prove(ctx, attempt, current); err != nil {
			return nil, err
		}
	}
	if !burnt {
		return nil, errReplayed
	}
	return &clientregv1.AuthenticateResponse{Client: current.Public}, nil
}

// attempt reads what came. A certificate is judged before the client is looked
// for, by each trust store that it may be of, so that time does not tell whether
// there is such a client (CA-1).
func (r *registry) attempt(ctx context.Context, req *clientregv1.AuthenticateRequest) (authn.Attempt, error) {
	presented, err := authn.Read(req.GetCredentials())
	if err != nil {
		return authn.Attempt{}, err
	}
	rpc.Concerns(ctx, presented.ClientID)
	attempt := authn.Attempt{Presented: presented, Issuer: rpc.From(ctx).Issuer, Now: r.clock.Now()}
	if presented.ByCertificate() {
		attempt.Certificates = map[string]certificate.Evidence{}
		for _, store := range r.trustStores[attempt.Issuer.Name] {
			attempt.Certificates[store] = r.certificates.Read(ctx, store, presented.Certificates, attempt.Now)
		}
	}
	return attempt, nil
}

// verify makes every check that needs no store but the client itself. A proof
// that does not hold for the client in memory may hold for a newer one: a client
// signs with a new key as soon as it has registered it.
func (r *registry) verify(ctx context.Context, attempt authn.Attempt) (*directory.Client, authn.Once, error) {
	client, err := r.directory.Recall(ctx, attempt.Issuer.Name, attempt.Presented.ClientID)
	if err != nil {
		return nil, authn.Once{}, err
	}
	once, refusal := r.prove(ctx, attempt, client)
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
	once, err = r.prove(ctx, attempt, current)
	return current, once, err
}

// prove verifies with the client's keys, wherever they are. Keys that the client
// publishes itself are fetched anew where one is missing (PKJ-2).
func (r *registry) prove(ctx context.Context, attempt authn.Attempt, client *directory.Client) (authn.Once, error) {
	if client == nil || client.KeysURI == "" || !attempt.NeedsKeys(client) {
		return attempt.Verify(client)
	}
	keys, fresh, err := r.keys.Keys(ctx, client.KeysURI)
	if err != nil {
		return authn.Once{}, err
	}
	once, refusal := attempt.Verify(client.WithKeys(keys))
	if fresh || !authn.MissesKey(refusal) {
		return once, refusal
	}
	keys, fetched, err := r.keys.Again(ctx, client.KeysURI)
	if err != nil {
		return authn.Once{}, err
	}
	if !fetched {
		return once, refusal
	}
	return attempt.Verify(client.WithKeys(keys))
}

// burn uses up what may be used once, and answers the client's newest generation.
// A certificate is as good the next time: there only the generation is asked for.
func (r *registry) burn(ctx context.Context, attempt authn.Attempt, client *directory.Client, once authn.Once) (burnt bool, generation int64, err error) {
	if once.ID == "" {
		generation, err = r.marks.Generation(ctx, client.Issuer, client.ID())
		return true, generation, err
	}
	return r.marks.Burn(ctx, client.Issuer, client.ID(), store.Use{
		ID: once.ID, Attempt: rpc.From(ctx).Attempt(), Issued: once.Issued, Now: attempt.Now, Until: once.Until,
	})
}
