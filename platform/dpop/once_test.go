package dpop_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/dpop"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnce is the contract of the ids of proofs.
func TestOnce(t *testing.T) { once.Redis(t, things(t)) }

// things are the proofs that each service receives.
func things(t *testing.T) once.Things {
	t.Helper()
	return once.Things{"proof at par": {Open: proofsAt(t, rpc.PAR)}, "proof at token": {Open: proofsAt(t, rpc.Token)}}
}

// proofsAt are those that a service receives at an issuer of its own.
func proofsAt(t *testing.T, service rpc.Name) func(testing.TB, *redisconn.Client) once.Store {
	t.Helper()
	name := storetest.Issuer()
	set, err := issuer.NewSet(issuer.Issuer{
		Name: name, Identifier: "https://as.example/" + name, MTLSBase: "https://mtls.as.example/" + name, Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: "https://api.bank.example/", Scopes: []issuer.Scope{{Name: "accounts"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	at := set.All()[0]
	return func(_ testing.TB, client *redisconn.Client) once.Store {
		verifier := dpop.New(service, nil, client, clock.System)
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			ctx = rpc.WithScope(ctx, rpc.NewScope(set, at, s.Attempt, "interaction"))
			err := verifier.Burn(ctx, &binding.Proof{
				ReplayID: s.ID, Issued: s.Issued, Expires: time.Now().Add(s.Life - redisconn.ClocksApart),
			})
			if errors.Is(err, binding.ErrReplayed) {
				return false, nil
			}
			return err == nil, err
		}}
	}
}
