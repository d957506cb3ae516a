package keys

import (
	"context"
	"database/sql"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestFailedRefreshKeepsTheKeys spoils a record while the service runs: it goes
// on with the keys that it has.
func TestFailedRefreshKeepsTheKeys(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		service := newService(t, db, set)
		suite := suiteOf(service, set)
		before := suite.jwks(t, "bank")
		exec(t, db, `UPDATE issuer_key SET handle = '' WHERE issuer = 'bank' AND purpose = 'id_token'`)
		if err := service.refresh(t.Context()); err == nil {
			t.Error("the spoilt record was taken")
		}
		if after := suite.jwks(t, "bank"); after != before {
			t.Errorf("keys were %s and are %s", before, after)
		}
		suite.signed(t, "bank", idToken, jose.ES256)
	})
}

// TestRunFindsWhatOthersDid moves time inside a bubble: within seconds a replica
// publishes the key that another one made, and forgets one that was withdrawn.
func TestRunFindsWhatOthersDid(t *testing.T) {
	path := t.TempDir() + "/keys.db"
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlconn.Open(t.Context(), sqlconn.Config{DSN: secret.New("sqlite:" + path)}, "keys", Migrations)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		set := quick(t)
		mine, others := newService(t, db, set), newService(t, db, set)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- mine.Run(ctx) }()

		before := suiteOf(mine, set).signed(t, "bank", accessToken, jose.ES256)
		if err := others.Withdraw(t.Context(), "bank", before.Header.KeyID, "test"); err != nil {
			t.Fatal(err)
		}
		if err := others.Rotate(t.Context(), Selection{Issuer: "bank", Purpose: "id_token"}, false); err != nil {
			t.Fatal(err)
		}
		time.Sleep(readAgain + time.Second)
		synctest.Wait()
		if a, b := suiteOf(mine, set).jwks(t, "bank"), suiteOf(others, set).jwks(t, "bank"); a != b {
			t.Errorf("one has %s, the other %s", a, b)
		}
		if after := suiteOf(mine, set).signed(t, "bank", accessToken, jose.ES256); after.Header.KeyID == before.Header.KeyID {
			t.Error("the withdrawn key still signs")
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// TestSpoiltRecordHidesNoWithdrawal: a replica that cannot open one key heeds the
// withdrawal of another.
func TestSpoiltRecordHidesNoWithdrawal(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		service, others := newService(t, db, set), newService(t, db, set)
		suite := suiteOf(service, set)
		before := suite.signed(t, "bank", accessToken, jose.ES256)
		if err := others.Withdraw(t.Context(), "bank", before.Header.KeyID, "test"); err != nil {
			t.Fatal(err)
		}
		exec(t, db, `UPDATE issuer_key SET handle = '' WHERE issuer = 'bank' AND purpose = 'id_token'`)
		if err := service.refresh(t.Context()); err == nil {
			t.Error("the spoilt record was taken")
		}
		if after := suite.signed(t, "bank", accessToken, jose.ES256); after.Header.KeyID == before.Header.KeyID {
			t.Error("the withdrawn key still signs")
		}
		suite.signed(t, "bank", idToken, jose.ES256)
	})
}
