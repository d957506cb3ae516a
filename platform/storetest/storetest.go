// Package storetest gives tests the stores that they run against: the embedded
// ones always, and a real Redis and PostgreSQL wherever the environment names
// them, as the project's test command does.
package storetest

import (
	"context"
	"database/sql"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// The environment in which the test command names the real stores.
const (
	RedisURL    = "STRONGROOM_TEST_REDIS"
	PostgresDSN = "STRONGROOM_TEST_POSTGRES"
)

// EachRedis runs a test against every Redis there is. Real ones are shared
// between packages: tests tell themselves apart by Issuer.
func EachRedis(t *testing.T, test func(t *testing.T, client redis.UniversalClient)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, openRedis(t, "redis://"+miniredis.RunT(t).Addr()))
	})
	if address := os.Getenv(RedisURL); address != "" {
		t.Run("redis", func(t *testing.T) { test(t, openRedis(t, address)) })
	}
}

func openRedis(t *testing.T, address string) redis.UniversalClient {
	t.Helper()
	client, err := redisconn.Open(redisconn.Config{URL: secret.New(address)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// EachSQL runs a test against every SQL database there is, in a file or schema
// of its own, with the migrations applied.
func EachSQL(t *testing.T, migrations fs.FS, test func(t *testing.T, db *sql.DB)) {
	t.Run("sqlite", func(t *testing.T) { test(t, openSQLite(t, migrations)) })
	if dsn := os.Getenv(PostgresDSN); dsn != "" {
		t.Run("postgres", func(t *testing.T) { test(t, openPostgres(t, dsn, migrations)) })
	}
}

func openSQLite(t *testing.T, migrations fs.FS) *sql.DB {
	t.Helper()
	return openSQL(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"), "", migrations)
}

func openPostgres(t *testing.T, dsn string, migrations fs.FS) *sql.DB {
	t.Helper()
	schema := Issuer()
	db := openSQL(t, dsn, schema, migrations)
	t.Cleanup(func() { _, _ = db.ExecContext(context.Background(), `DROP SCHEMA "`+schema+`" CASCADE`) })
	return db
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
func Each(t *testing.T, migrations fs.FS, test func(t *testing.T, client redis.UniversalClient, db *sql.DB)) {
	t.Run("embedded", func(t *testing.T) {
		test(t, openRedis(t, "redis://"+miniredis.RunT(t).Addr()), openSQLite(t, migrations))
	})
	if address, dsn := os.Getenv(RedisURL), os.Getenv(PostgresDSN); address != "" && dsn != "" {
		t.Run("real", func(t *testing.T) { test(t, openRedis(t, address), openPostgres(t, dsn, migrations)) })
	}
}

// Issuer is a random issuer name, so that tests share a store without meeting.
func Issuer() string {
	return "t" + strings.ToLower(strings.NewReplacer("-", "0", "_", "1").Replace(oauth.NewID()))
}
