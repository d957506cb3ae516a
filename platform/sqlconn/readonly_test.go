package sqlconn_test

import (
	"net/url"
	"os"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestReadOnlyConnectionIsLeft: who is connected to a primary that another has taken
// over from fails once, and finds the other by the next connection.
func TestReadOnlyConnectionIsLeft(t *testing.T) {
	each(t, func(t *testing.T, c sqlconn.Config) {
		if c.Schema == "" {
			return // SQLite has no other primary
		}
		c.MaxConnections = 1
		db := open(t, c, first)
		// For this connection the server is as one that follows another.
		if _, err := db.ExecContext(t.Context(), `SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO a (id) VALUES (1)`); err == nil {
			t.Fatal("a server that may only be read was written to")
		}
		if _, err := db.ExecContext(t.Context(), `INSERT INTO a (id) VALUES (1)`); err != nil {
			t.Errorf("the next connection: %v", err)
		}
	})
}

// TestSeveralHosts: the DSN may name several, of which one takes writes.
func TestSeveralHosts(t *testing.T) {
	dsn := os.Getenv(storetest.PostgresDSN)
	if dsn == "" {
		return // only PostgreSQL has hosts
	}
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = "127.0.0.1:1," + u.Host
	u.RawQuery += "&target_session_attrs=read-write"
	schema := storetest.Issuer()
	t.Cleanup(func() { administer(t, `DROP SCHEMA IF EXISTS "`+schema+`" CASCADE`) })
	db := open(t, sqlconn.Config{DSN: secret.New(u.String()), Schema: schema, Migrate: new(true)}, first)
	if _, err := db.ExecContext(t.Context(), `INSERT INTO a (id) VALUES (1)`); err != nil {
		t.Error(err)
	}
}
