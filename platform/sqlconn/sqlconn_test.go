package sqlconn_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

const password = "hunter2-correct-horse"

var first = fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABLE a (id BIGINT PRIMARY KEY);\n-- +goose Down\nDROP TABLE a;\n")}}

func second() fstest.MapFS {
	both := fstest.MapFS{"00002_b.sql": {Data: []byte("-- +goose Up\nALTER TABLE a ADD COLUMN b BIGINT;\n-- +goose Down\nALTER TABLE a DROP COLUMN b;\n")}}
	both["00001_a.sql"] = first["00001_a.sql"]
	return both
}

// each runs a test with a configuration that names an empty store of each kind.
func each(t *testing.T, test func(*testing.T, sqlconn.Config)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, sqlconn.Config{DSN: secret.New("sqlite:" + filepath.Join(t.TempDir(), "test.db"))})
	})
	if dsn := os.Getenv(storetest.PostgresDSN); dsn != "" {
		t.Run("postgres", func(t *testing.T) {
			schema := storetest.Issuer()
			t.Cleanup(func() { administer(t, `DROP SCHEMA IF EXISTS "`+schema+`" CASCADE`) })
			test(t, sqlconn.Config{DSN: secret.New(dsn), Schema: schema, Migrate: new(true)})
		})
	}
}

// administer does something as the owner of the test database.
func administer(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("pgx", os.Getenv(storetest.PostgresDSN))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(context.Background(), statement); err != nil {
			t.Error(err)
		}
	}
}

func open(t *testing.T, c sqlconn.Config, migrations fstest.MapFS) *sql.DB {
	t.Helper()
	db, err := sqlconn.Open(t.Context(), c, "test", migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, statement string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// TestMigrations: what was done is not done again, what is new is, and rows stay.
func TestMigrations(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		db := open(t, c, first)
		exec(t, db, `INSERT INTO a (id) VALUES ($1)`, 7)
		open(t, c, first)
		db = open(t, c, second())
		var id, n int
		if err := db.QueryRowContext(t.Context(), `SELECT id, count(b) FROM a GROUP BY id`).Scan(&id, &n); err != nil || id != 7 || n != 0 {
			t.Errorf("%d, %d, %v", id, n, err)
		}
	})
}

// TestOpenTogether: replicas start at the same time, on an empty database.
func TestOpenTogether(t *testing.T) {
	onPostgres(t, func(t *testing.T, dsn string) {
		c := sqlconn.Config{DSN: secret.New(dsn), Schema: storetest.Issuer(), MaxConnections: 2, Migrate: new(true)}
		t.Cleanup(func() { administer(t, `DROP SCHEMA "`+c.Schema+`" CASCADE`) })
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				db, err := sqlconn.Open(t.Context(), c, "test", second())
				if err != nil {
					t.Error(err)
					return
				}
				_ = db.Close()
			})
		}
		group.Wait()
	})
}

func TestBadMigration(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		_, err := sqlconn.Open(t.Context(), c, "test", fstest.MapFS{"00001_a.sql": {Data: []byte("-- +goose Up\nCREATE TABEL a;\n")}})
		if err == nil || !strings.Contains(err.Error(), "migrations") {
			t.Errorf("got %v", err)
		}
		open(t, c, first) // nothing of it was left
	})
}

func TestMaxConnections(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		if got := open(t, c, first).Stats().MaxOpenConnections; got != 8 {
			t.Errorf("the default is %d", got)
		}
		c.MaxConnections = 3
		if got := open(t, c, first).Stats().MaxOpenConnections; got != 3 {
			t.Errorf("got %d", got)
		}
	})
}

// TestSQLiteWaits: a second writer waits instead of failing.
func TestSQLiteWaits(t *testing.T) {
	db := open(t, sqlconn.Config{DSN: secret.New("sqlite:" + filepath.Join(t.TempDir(), "test.db"))}, first)
	var group sync.WaitGroup
	for n := range 50 {
		group.Go(func() {
			if _, err := db.ExecContext(t.Context(), `INSERT INTO a (id) VALUES ($1)`, n); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

// TestSchemas: services share a database and do not see each other's tables.
func TestSchemas(t *testing.T) {
	onPostgres(t, func(t *testing.T, dsn string) {
		for _, name := range []string{"plain", "with-dash", `with"quote`, "WithCase", "a,b"} {
			schema := storetest.Issuer() + name
			quoted := `"` + strings.ReplaceAll(schema, `"`, `""`) + `"`
			t.Cleanup(func() { administer(t, "DROP SCHEMA IF EXISTS "+quoted+" CASCADE") })
			db := open(t, sqlconn.Config{DSN: secret.New(dsn), Schema: schema, Migrate: new(true)}, first)
			var found string
			if err := db.QueryRowContext(t.Context(), `SELECT schemaname FROM pg_tables WHERE tablename = 'a' AND schemaname = $1`, schema).Scan(&found); err != nil || found != schema {
				t.Errorf("schema %s: the table is in %q, %v", schema, found, err)
			}
		}
	})
}

// TestLimitedRole: in production a role has its schema and nothing else of the
// database.
func TestLimitedRole(t *testing.T) {
	onPostgres(t, func(t *testing.T, dsn string) {
		name := storetest.Issuer()
		administer(t,
			`CREATE ROLE "`+name+`" LOGIN PASSWORD '`+password+`'`,
			`CREATE SCHEMA "`+name+`" AUTHORIZATION "`+name+`"`)
		t.Cleanup(func() { administer(t, `DROP SCHEMA "`+name+`" CASCADE`, `DROP ROLE "`+name+`"`) })
		address, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		address.User = url.UserPassword(name, password)
		open(t, sqlconn.Config{DSN: secret.New(address.String()), Schema: name, Migrate: new(true)}, first)
	})
}

// onPostgres runs a test where there is a PostgreSQL.
func onPostgres(t *testing.T, test func(t *testing.T, dsn string)) {
	if dsn := os.Getenv(storetest.PostgresDSN); dsn != "" {
		t.Run("postgres", func(t *testing.T) { test(t, dsn) })
	}
}

func TestValidate(t *testing.T) {
	for dsn, ok := range map[string]bool{
		"postgres://u:" + password + "@db/x": true, "sqlite:/var/lib/x.db": true,
		"": false, "mysql://u:" + password + "@db/x": false, password: false, "POSTGRES://u@db": false,
	} {
		err := sqlconn.Config{DSN: secret.New(dsn)}.Validate()
		if (err == nil) != ok {
			t.Errorf("%s: %v", dsn, err)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}

// TestErrorsDoNotRepeatThePassword, however wrong the DSN is.
func TestErrorsDoNotRepeatThePassword(t *testing.T) {
	dsns := []string{
		"postgres://u:" + password + "@%zz/x",
		"postgres://u:" + password + "@[::1/x",
		"postgres://u:" + password + "@127.0.0.1:port/x",
		"postgres://u:" + password + "%@127.0.0.1:1/x",
		"postgres://u:" + password + "@127.0.0.1:1/x?sslmode=bogus",
		"postgres://u:" + password + "@127.0.0.1:1/x?sslmode=disable&connect_timeout=1",
		"postgres://127.0.0.1:1/x?user=u&password=" + password + "&sslmode=bogus",
		"postgres://127.0.0.1:1/x?user=u&password=" + password + "&sslmode=disable",
		"postgres://u:p#" + password + "@127.0.0.1:1/x?sslmode=disable",
		"postgres://u:p/" + password + "@127.0.0.1:1/x?sslmode=disable",
	}
	if dsn := os.Getenv(storetest.PostgresDSN); dsn != "" {
		address, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		address.User = url.UserPassword(address.User.Username(), password)
		dsns = append(dsns, address.String())
	}
	for _, dsn := range dsns {
		_, err := sqlconn.Open(t.Context(), sqlconn.Config{DSN: secret.New(dsn), Wait: 1}, "test", first)
		if err == nil {
			t.Errorf("%s: opened", dsn)
			continue
		}
		if strings.Contains(fmt.Sprintf("%+v", err), password) {
			t.Errorf("the error repeats the password: %v", err)
		}
	}
}
