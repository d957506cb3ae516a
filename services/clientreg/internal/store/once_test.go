package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// things that are spent once here.
func things() once.Things {
	issuer := storetest.Issuer()
	return once.Things{
		"assertion": {Open: assertionsAt(issuer)},
		"statement": {Open: statementsAt(issuer)},
	}
}

// TestOnce is the contract of the ids of assertions and statements.
func TestOnce(t *testing.T) { once.Redis(t, things()) }

type open = func(testing.TB, *redisconn.Client) once.Store

func assertionsAt(issuer string) open {
	return func(_ testing.TB, client *redisconn.Client) once.Store {
		marks := store.NewRedis(client)
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			now := time.Now()
			// A client of its own for each: in a cluster that is a slot.
			burnt, _, err := marks.Burn(ctx, issuer, "client-"+s.ID, store.Use{
				ID: s.ID, Attempt: s.Attempt, Issued: s.Issued, Now: now, Until: now.Add(s.Life - redisconn.ClocksApart),
			})
			return burnt, err
		}}
	}
}

func statementsAt(issuer string) open {
	return func(_ testing.TB, client *redisconn.Client) once.Store {
		marks := store.NewRedis(client)
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			now := time.Now()
			return marks.BurnStatement(ctx, issuer, "directory", store.Use{
				ID: s.ID, Attempt: s.Attempt, Issued: s.Issued, Now: now, Until: now.Add(s.Life - redisconn.ClocksApart),
			})
		}}
	}
}
