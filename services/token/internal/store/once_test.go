package store

import (
	"context"
	"database/sql"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnce: a code buys one authorization, by the row that decides. The proofs that
// token receives are platform/dpop's.
func TestOnce(t *testing.T) {
	issuer := storetest.Issuer()
	once.SQL(t, once.Kind{}, Migrations, func(db *sql.DB) once.Store {
		authorizations := NewAuthorizations(db)
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			one := authorization(s.ID)
			one.Attempt, one.RefreshHash = s.Attempt, oauth.NewID()
			return authorizations.Add(ctx, issuer, one)
		}}
	})
}
