// Package dpop checks the DPoP proofs that a service receives (RFC 9449): first
// all that needs no memory, then, when everything else of the request is judged,
// that the proof was never used.
package dpop

import (
	"context"
	"sync"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// Verifier checks proofs for one service.
type Verifier struct {
	service rpc.Name
	keys    keysv1.KeysServiceClient
	redis   *redisconn.Client
	clock   clock.Clock
	nonces  sync.Map // issuer name -> binding.Nonces
}

// New makes the verifier of a service: the replay of a proof is noticed within
// the service that received it, for a proof names its endpoint.
func New(service rpc.Name, keys keysv1.KeysServiceClient, client *redisconn.Client, clk clock.Clock) *Verifier {
	return &Verifier{service: service, keys: keys, redis: client, clock: clk}
}

// Presented is a proof as it came.
type Presented struct {
	// Compact is the DPoP header; empty where there was none.
	Compact string
	Method  string
	// URL is the configured URL of the endpoint.
	URL string
	// AccessToken comes with the proof at a protected resource only.
	AccessToken string
	// NonceOptional accepts a proof without a nonce also where the issuer
	// demands them: at protected resources of the authorization server.
	NonceOptional bool
}

// Check judges a proof without remembering it, so that asking for a nonce burns
// nothing (DPOP-11). It answers nil where none came.
func (v *Verifier) Check(ctx context.Context, presented Presented) (*binding.Proof, error) {
	if presented.Compact == "" {
		return nil, nil
	}
	of, now := rpc.From(ctx).Issuer, v.clock.Now()
	limits := of.Rules().Limits
	proof, err := binding.VerifyProof(presented.Compact, binding.ProofTerms{
		Method:      presented.Method,
		URL:         presented.URL,
		AccessToken: presented.AccessToken,
		Algorithms:  of.Rules().SigningAlgorithms,
		Now:         now,
		MaxAge:      limits.ProofAge,
		Ahead:       limits.ClockTolerance,
	})
	if err != nil || !of.DPoPNonces || (presented.NonceOptional && proof.Nonce == "") {
		return proof, err
	}
	nonces, err := v.noncesOf(ctx)
	if err != nil {
		return nil, err
	}
	if !nonces.Accepts(proof.Nonce, now) {
		return nil, binding.UseNonce(nonces.Current(now))
	}
	return proof, nil
}

// Burn remembers a proof until it is too old to pass Check, and refuses one that
// came before (DPOP-4, THR-6). No proof burns nothing.
func (v *Verifier) Burn(ctx context.Context, proof *binding.Proof) error {
	if proof == nil {
		return nil
	}
	scope := rpc.From(ctx)
	now := v.clock.Now()
	first, err := v.redis.Burn(ctx, redisconn.Spending{
		Key:     v.replayKey(scope.Issuer.Name, proof.ReplayID),
		Attempt: scope.Attempt(),
		TTL:     proof.Expires.Sub(now) + redisconn.ClocksApart,
		Issued:  proof.Issued,
	})
	if err != nil {
		return redisconn.Failed("burn proof", err)
	}
	if !first {
		return binding.ErrReplayed
	}
	return nil
}

// replayKey is SERVICE:{ISSUER/proof/HASH}, a string with the attempt that used
// the proof; it lives as long as the proof could pass Check.
func (v *Verifier) replayKey(issuer, id string) string {
	return string(v.service) + ":{" + issuer + "/proof/" + id + "}"
}

// NextNonce is the nonce that a client should use next, where it uses DPoP and
// the issuer demands nonces; else it is empty.
func (v *Verifier) NextNonce(ctx context.Context, proof *binding.Proof) string {
	if proof == nil || !rpc.From(ctx).Issuer.DPoPNonces {
		return ""
	}
	nonces, err := v.noncesOf(ctx)
	if err != nil {
		return "" // the client will be asked next time
	}
	return nonces.Current(v.clock.Now())
}

// noncesOf asks for the issuer's nonce key once: it never changes.
func (v *Verifier) noncesOf(ctx context.Context) (binding.Nonces, error) {
	scope := rpc.From(ctx)
	if known, ok := v.nonces.Load(scope.Issuer.Name); ok {
		return known.(binding.Nonces), nil
	}
	answer, err := v.keys.NonceKey(ctx, &keysv1.NonceKeyRequest{Call: scope.Call()})
	if err != nil {
		return binding.Nonces{}, err
	}
	nonces := binding.NewNonces(answer.GetKey(), "authorization server")
	v.nonces.Store(scope.Issuer.Name, nonces)
	return nonces, nil
}
