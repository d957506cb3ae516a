// Package storetest gives tests the stores that they run against: the embedded
// ones always, and a real Redis and PostgreSQL wherever the environment names
// them, as the project's test command does.
package storetest

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/redisconn/embedded"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// The environment in which the test command names the real stores.
const (
	RedisURL    = "STRONGROOM_TEST_REDIS"
	PostgresDSN = "STRONGROOM_TEST_POSTGRES"
	// PostgresCA is the authority that signed its certificate, which is for localhost
	// alone; a file in PEM.
	PostgresCA = "STRONGROOM_TEST_POSTGRES_CA"
)

// EachRedis runs a test against every Redis there is. Real ones are shared
// between packages: tests tell themselves apart by Issuer.
func EachRedis(t *testing.T, test func(t *testing.T, client *redisconn.Client)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, OpenRedis(t, Embedded(t)))
	})
	if address := os.Getenv(RedisURL); address != "" {
		t.Run("redis", func(t *testing.T) { test(t, OpenRedis(t, address)) })
	}
}

// EachForgetfulRedis runs a test against every Redis that it may empty: the
// embedded one, and a database of the real one that nobody else uses.
func EachForgetfulRedis(t *testing.T, test func(t *testing.T, client *redisconn.Client, forget func())) {
	run := func(t *testing.T, address string) {
		client := OpenRedis(t, address)
		test(t, client, func() {
			if err := client.FlushDB(context.Background()).Err(); err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("embedded", func(t *testing.T) { run(t, Embedded(t)) })
	if address := os.Getenv(RedisURL); address != "" {
		t.Run("redis", func(t *testing.T) { run(t, address+"/"+forgetful) })
	}
}

// forgetful is the number of that database.
const forgetful = "9"

// services are those that keep marks in Redis.
var services = []string{"clientreg", "par", "token"}

// agreeing clocks are those of a test and of its stores, which are of one machine.
const agreeing time.Duration = 0

func open(t testing.TB, address string, prepare ...func(*redisconn.Client)) *redisconn.Client {
	t.Helper()
	client, err := redisconn.Open(redisconn.Config{URL: secret.New(address), ClientsAhead: new(agreeing)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	for _, change := range prepare {
		change(client)
	}
	return client
}

// OpenRedis opens a store that remembers everything: tests have clocks of their
// own, before its birth. What prepares a client does so before it connects.
func OpenRedis(t testing.TB, address string, prepare ...func(*redisconn.Client)) *redisconn.Client {
	t.Helper()
	client := open(t, address, prepare...)
	for _, service := range services {
		if err := client.Remember(context.Background(), service, time.Unix(0, 0)); err != nil {
			t.Fatal(err)
		}
	}
	return client
}

// Twin is a client of another replica, at the same store.
func Twin(t testing.TB, of *redisconn.Client) *redisconn.Client {
	t.Helper()
	one, ok := of.UniversalClient.(*redis.Client)
	if !ok {
		return of
	}
	return open(t, fmt.Sprintf("redis://%s/%d", one.Options().Addr, one.Options().DB))
}

// Embedded starts an embedded Redis and answers its URL.
func Embedded(t testing.TB) string {
	t.Helper()
	server := embedded.New()
	if err := embedded.Start(server, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return "redis://" + server.Addr()
}

// EachSQL runs a test against every SQL database there is, in a file or schema
// of its own, with the migrations applied.
func EachSQL(t *testing.T, migrations fs.FS, test func(t *testing.T, db *sql.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, OpenSQLite(t, migrations)) })
	if dsn := os.Getenv(PostgresDSN); dsn != "" {
		t.Run("postgres", func(t *testing.T) { test(t, openPostgres(t, dsn, migrations)) })
	}
}

// OpenSQLite opens a database in a file of the test's own.
func OpenSQLite(t *testing.T, migrations fs.FS) *sql.DB {
	t.Helper()
	return openSQL(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), "", migrations)
}

func openPostgres(t *testing.T, dsn string, migrations fs.FS) *sql.DB {
	t.Helper()
	db, _ := OpenPostgres(t, dsn, migrations)
	return db
}

// OpenPostgres opens a schema of the test's own, and names it.
func OpenPostgres(t *testing.T, dsn string, migrations fs.FS) (db *sql.DB, schema string) {
	t.Helper()
	schema = Issuer()
	db = openSQL(t, dsn, schema, migrations)
	t.Cleanup(func() { _, _ = db.ExecContext(context.Background(), `DROP SCHEMA "`+schema+`" CASCADE`) })
	return db, schema
}

// PostgresTwin is a connection of another replica, to the same schema.
func PostgresTwin(t *testing.T, dsn, schema string, migrations fs.FS) *sql.DB {
	t.Helper()
	return openSQL(t, dsn, schema, migrations)
}

func openSQL(t *testing.T, dsn, schema string, migrations fs.FS) *sql.DB {
	t.Helper()
	db, err := sqlconn.Open(t.Context(), sqlconn.Config{DSN: secret.New(dsn), Schema: schema, Migrate: new(true)}, "test", migrations)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// Each runs a test against a Redis and a database together: the embedded ones
// and, where the environment names both, the real ones.
func Each(t *testing.T, migrations fs.FS, test func(t *testing.T, client *redisconn.Client, db *sql.DB)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, OpenRedis(t, Embedded(t)), OpenSQLite(t, migrations))
	})
	if address, dsn := os.Getenv(RedisURL), os.Getenv(PostgresDSN); address != "" && dsn != "" {
		t.Run("real", func(t *testing.T) { test(t, OpenRedis(t, address), openPostgres(t, dsn, migrations)) })
	}
}

// Issuer is a random issuer name, so that tests share a store without meeting.
func Issuer() string {
	return "t" + strings.ToLower(strings.NewReplacer("-", "0", "_", "1").Replace(oauth.NewID()))
}
