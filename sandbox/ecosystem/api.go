package ecosystem

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/pemfile"
	"github.com/strongroom-fapi/strongroom/resource"
	"github.com/strongroom-fapi/strongroom/sandbox/bank"
)

// bankAPI puts the API behind the resource kit, with one verifier per issuer.
func bankAPI(ctx context.Context, cfg BankConfig, clk clock.Clock, log *slog.Logger) (http.Handler, error) {
	pool, err := pemfile.ReadPool(cfg.TrustedCA)
	if err != nil {
		return nil, err
	}
	client := NewHTTPClient(pool)
	client.Transport = connectTo(cfg.ConnectTo, client.Transport.(*http.Transport))
	deps := resource.Deps{
		HTTP: client, Clock: clk, Log: log,
		Replays: resource.NewReplays(resource.DefaultReplays, clk), // the bank is one process
	}
	var verifiers chooser
	for _, issuer := range cfg.Issuers {
		verifier, err := verifierOf(ctx, issuer, cfg, deps)
		if err != nil {
			return nil, err
		}
		verifiers.add(issuer, verifier)
	}
	api := bank.API(verifiers.require, subject)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		api.ServeHTTP(w, r)
	}), nil
}

// verifierOf checks the tokens of one issuer, in the mode that notices a
// revocation at once.
func verifierOf(ctx context.Context, issuer BankIssuer, cfg BankConfig, deps resource.Deps) (*resource.Verifier, error) {
	own, err := ensureResourceServer(ctx, deps.HTTP, issuer, cfg)
	if err != nil {
		return nil, err
	}
	signer, err := own.JWKS.Keys[0].Signer()
	if err != nil {
		return nil, err
	}
	deps.Introspect, err = resource.NewIntrospector(
		resource.IntrospectorConfig{Issuer: issuer.Issuer, ClientID: own.ClientID, KeyID: own.JWKS.Keys[0].Kid},
		resource.IntrospectorDeps{Key: signer, HTTP: deps.HTTP, Clock: deps.Clock, Log: deps.Log})
	if err != nil {
		return nil, err
	}
	if issuer.DPoPNonces {
		deps.Nonces = newNonces()
	}
	return resource.New(
		resource.Config{Issuer: issuer.Issuer, Resource: cfg.Resource, BaseURL: cfg.Resource, Mode: resource.Current}, deps)
}

// newNonces are of a key that ends with the process; clients are then asked to
// bring a new nonce.
func newNonces() binding.Nonces {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return binding.NewNonces(key, "resource server")
}

// subject is the user that a verified token speaks for.
func subject(r *http.Request) string {
	token, ok := resource.TokenFrom(r.Context())
	if !ok {
		return ""
	}
	return token.Subject
}
