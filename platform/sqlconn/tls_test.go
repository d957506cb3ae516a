package sqlconn_test

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/networktest"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestRoots: with authorities named, PostgreSQL proves by one of them the name that
// the DSN calls it by, whatever else the DSN asks for; and who does not is refused at
// once, for waiting does not cure it.
func TestRoots(t *testing.T) {
	onPostgres(t, func(t *testing.T, dsn string) {
		ca := os.Getenv(storetest.PostgresCA)
		for _, row := range []struct {
			name, host, mode, roots, refusal string
		}{
			{"its authority and its name", "localhost", "verify-full", ca, ""},
			{"a DSN that asks for less gets no less", "localhost", "disable", ca, ""},
			{"another authority", "localhost", "verify-full", networktest.NewCA(t).File(), "unknown authority"},
			{"another name", "127.0.0.1", "disable", ca, "127.0.0.1"},
			{"an authority that is not there", "localhost", "verify-full", ca + ".missing", "root"},
		} {
			t.Run(row.name, func(t *testing.T) {
				address, err := url.Parse(dsn)
				if err != nil {
					t.Fatal(err)
				}
				address.Host, address.RawQuery = row.host+":"+address.Port(), "sslmode="+row.mode
				schema := storetest.Issuer()
				t.Cleanup(func() { administer(t, `DROP SCHEMA IF EXISTS "`+schema+`" CASCADE`) })
				begun := time.Now()
				db, err := sqlconn.Open(t.Context(), sqlconn.Config{DSN: secret.New(address.String()), Roots: row.roots, Schema: schema, Migrate: new(true)}, "test", first)
				if row.refusal != "" {
					if err == nil || !strings.Contains(err.Error(), row.refusal) || time.Since(begun) > 10*time.Second {
						t.Errorf("after %s: %v", time.Since(begun), err)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = db.Close() }()
				var encrypted bool
				if err := db.QueryRowContext(t.Context(), `SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`).Scan(&encrypted); err != nil || !encrypted {
					t.Errorf("the connection is encrypted: %t, %v", encrypted, err)
				}
			})
		}
	})
}

// TestRootsWantPostgres: a file has nothing to prove.
func TestRootsWantPostgres(t *testing.T) {
	if err := (sqlconn.Config{DSN: secret.New("sqlite:x.db"), Roots: "ca.pem"}).Validate(); err == nil {
		t.Error("roots beside SQLite")
	}
}
