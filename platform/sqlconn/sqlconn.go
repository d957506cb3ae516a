// Package sqlconn opens the SQL store of a service: PostgreSQL in production,
// SQLite in the sandbox, the same statements and migrations in both.
package sqlconn

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// Config is where a service keeps what must never be lost.
type Config struct {
	// DSN is postgres://USER:PASSWORD@HOST/DATABASE or sqlite:PATH. Better
	// written as file:PATH of a file that holds it.
	DSN secret.Text `yaml:"dsn"`
	// Schema is the PostgreSQL schema of this service. Default: the name of
	// the service.
	Schema string `yaml:"schema"`
	// MaxConnections to the database. Default 8.
	MaxConnections int `yaml:"max_connections"`
}

// Validate tells what is missing.
func (c Config) Validate() error {
	dsn := c.DSN.Reveal()
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "sqlite:") {
		return errors.New("sql.dsn must begin with postgres:// or sqlite:")
	}
	return nil
}

// sqlitePragmas make SQLite wait instead of failing, write ahead, and take its
// lock when a transaction begins.
const sqlitePragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate"

// Open connects and brings the schema up to date.
func Open(ctx context.Context, c Config, service string, migrations fs.FS) (*sql.DB, error) {
	if c.Schema == "" {
		c.Schema = service
	}
	if c.MaxConnections == 0 {
		c.MaxConnections = 8
	}
	if path, ok := strings.CutPrefix(c.DSN.Reveal(), "sqlite:"); ok {
		return openSQLite(ctx, path, c.MaxConnections, migrations)
	}
	return openPostgres(ctx, c, migrations)
}

func openSQLite(ctx context.Context, path string, connections int, migrations fs.FS) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+sqlitePragmas)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	return migrate(ctx, db, goose.DialectSQLite3, migrations)
}

func openPostgres(ctx context.Context, c Config, migrations fs.FS) (*sql.DB, error) {
	address, err := url.Parse(c.DSN.Reveal())
	if err != nil {
		return nil, errors.New("sql.dsn is not a URL") // the parser's own error would repeat the password
	}
	schema := `"` + strings.ReplaceAll(c.Schema, `"`, `""`) + `"`
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	db, err := sql.Open("pgx", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(c.MaxConnections)
	db.SetMaxIdleConns(c.MaxConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	if err := createSchema(ctx, db, c.Schema, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("schema %s: %w", c.Schema, err), db.Close())
	}
	// A lock of the schema's own, asked for each second: services that start
	// together wait for their replicas, not for each other.
	hash := sha256.Sum256([]byte(c.Schema))
	locker, err := lock.NewPostgresSessionLocker(
		lock.WithLockID(int64(binary.BigEndian.Uint64(hash[:8]))), lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return migrate(ctx, db, goose.DialectPostgres, migrations, goose.WithSessionLocker(locker))
}

// createSchema makes the schema where it is missing. One that is there is left
// alone, for a role that is limited to its schema may not even try.
func createSchema(ctx context.Context, db *sql.DB, name, quoted string) error {
	var exists bool
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)`, name).Scan(&exists)
	if err == nil && !exists {
		_, err = db.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+quoted)
	}
	return err
}

// migrate runs what is new of the migrations; on PostgreSQL under a lock, so
// that replicas may start together.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect, migrations fs.FS, options ...goose.ProviderOption) (*sql.DB, error) {
	provider, err := goose.NewProvider(dialect, db, migrations, options...)
	if err == nil {
		_, err = provider.Up(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("migrations: %w", err), db.Close())
	}
	return db, nil
}
