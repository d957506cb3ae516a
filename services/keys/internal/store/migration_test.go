package store

import (
	"database/sql"
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestMigrationKeepsTheKeys brings a database of the first version up to date: every
// key is there with its handle, and the active one is the last generation.
func TestMigrationKeepsTheKeys(t *testing.T) {
	text, err := fs.ReadFile(Migrations, "00001_signing_key.sql")
	if err != nil {
		t.Fatal(err)
	}
	first := fstest.MapFS{"00001_signing_key.sql": {Data: text}}
	storetest.EachSQL(t, first, func(t *testing.T, db *sql.DB) {
		for _, row := range []struct {
			kid, purpose, state string
			created             int64
		}{
			{"kid-1", "access_token", "retired", 1000},
			{"kid-2", "access_token", "active", 2000},
			{"kid-3", "id_token", "active", 3000},
		} {
			_, err := db.ExecContext(t.Context(), `
				INSERT INTO signing_key (issuer, kid, purpose, alg, state, created_at, public_jwk, handle)
				VALUES ('bank', $1, $2, 'ES256', $3, $4, '{}', $5)`, row.kid, row.purpose, row.state, row.created, []byte(row.kid))
			if err != nil {
				t.Fatal(err)
			}
		}
		migrateOn(t, db)
		records := list(t, NewSQL(db))
		if len(records) != 3 {
			t.Fatalf("%d keys", len(records))
		}
		for n, want := range []struct {
			kid        string
			generation int
			begins     int64
		}{{"kid-1", 1, 1000}, {"kid-2", 2, 2000}, {"kid-3", 1, 3000}} {
			got := records[n]
			if got.KeyID != want.kid || got.Generation != want.generation || !got.Begins.Equal(time.UnixMilli(want.begins)) ||
				got.Backend != "software" || string(got.Handle) != want.kid || !got.Withdrawn.IsZero() {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

// migrateOn applies what is new.
func migrateOn(t *testing.T, db *sql.DB) {
	t.Helper()
	dialect := goose.DialectSQLite3
	var version string
	if db.QueryRowContext(t.Context(), `SELECT sqlite_version()`).Scan(&version) != nil {
		dialect = goose.DialectPostgres
	}
	provider, err := goose.NewProvider(dialect, db, Migrations)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
}
