package once

import (
	"database/sql"
	"io/fs"
	"net/url"
	"os"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// SQL runs the contract on SQLite, and on the PostgreSQL that the environment names.
func SQL(t *testing.T, kind Kind, migrations fs.FS, open func(db *sql.DB) Store) {
	kind.Lasting = true
	t.Run("sqlite", func(t *testing.T) {
		db := storetest.OpenSQLite(t, migrations)
		bench{Kind: kind, replicas: [2]Store{open(db), open(db)}}.run(t)
	})
	if dsn := os.Getenv(storetest.PostgresDSN); dsn != "" {
		t.Run("postgres", func(t *testing.T) { inPostgres(t, kind, migrations, open, dsn).run(t) })
	}
}

func inPostgres(t *testing.T, kind Kind, migrations fs.FS, open func(db *sql.DB) Store, dsn string) bench {
	b := bench{Kind: kind, lines: newLines()}
	t.Cleanup(b.lines.close)
	db, schema := storetest.OpenPostgres(t, dsn, migrations)
	b.replicas = [2]Store{open(db), open(storetest.PostgresTwin(t, dsn, schema, migrations))}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	line, err := b.lines.to(u.Host)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = line.Address()
	cut := open(storetest.PostgresTwin(t, u.String(), schema, migrations))
	b.cut = &cut
	return b
}
