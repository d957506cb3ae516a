package sqlconn_test

import (
	"database/sql"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestVersionsAreTheOwners: of two roles, as docs/stores.md has them, the one that runs
// the service reads which migrations ran, starts by it, and cannot write it; also where
// it could before.
func TestVersionsAreTheOwners(t *testing.T) {
	dsn := os.Getenv(storetest.PostgresDSN)
	if dsn == "" {
		return // SQLite has no roles
	}
	schema := storetest.Issuer()
	owner, runner := schema+"-owner", schema
	as := func(role string) sqlconn.Config {
		address, _ := url.Parse(dsn)
		address.User = url.UserPassword(role, "a-password")
		return sqlconn.Config{DSN: secret.New(address.String()), Schema: schema, Migrate: new(false)}
	}
	t.Cleanup(func() {
		administer(t, `DROP SCHEMA "`+schema+`" CASCADE; DROP OWNED BY "`+owner+`", "`+runner+`"; DROP ROLE "`+owner+`", "`+runner+`"`)
	})
	administer(t, `CREATE ROLE "`+owner+`" LOGIN PASSWORD 'a-password'; CREATE ROLE "`+runner+`" LOGIN PASSWORD 'a-password';
		CREATE SCHEMA "`+schema+`" AUTHORIZATION "`+owner+`"; GRANT USAGE ON SCHEMA "`+schema+`" TO "`+runner+`";
		ALTER DEFAULT PRIVILEGES FOR ROLE "`+owner+`" IN SCHEMA "`+schema+`" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "`+runner+`"`)
	migrate := func() {
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				if _, err := sqlconn.Migrate(t.Context(), as(owner), "test", first); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	refused := func() {
		t.Helper()
		db, err := sqlconn.Open(t.Context(), as(runner), "test", first)
		if err != nil {
			t.Fatalf("it does not start: %v", err)
		}
		defer func() { _ = db.Close() }()
		if err := execute(t, db, `INSERT INTO a (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET id = 1`); err != nil {
			t.Errorf("its own table: %v", err)
		}
		for _, statement := range []string{
			`INSERT INTO goose_db_version (id, version_id, is_applied) VALUES (99, 99, true)`,
			`UPDATE goose_db_version SET version_id = 99`,
			`DELETE FROM goose_db_version`,
		} {
			if err := execute(t, db, statement); err == nil || !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: %v", statement, err)
			}
		}
	}
	migrate()
	refused()
	administer(t, `GRANT INSERT, UPDATE, DELETE ON "`+schema+`".goose_db_version TO "`+runner+`"`)
	migrate() // nothing is new, and it closes what a release before left open
	refused()
}

func execute(t *testing.T, db *sql.DB, statement string) error {
	_, err := db.ExecContext(t.Context(), statement)
	return err
}
