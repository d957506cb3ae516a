// Package sqlconn opens the SQL store of a service: PostgreSQL in production,
// SQLite in the sandbox, the same statements and migrations in both.
package sqlconn

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// Config is where a service keeps what must never be lost.
type Config struct {
	// DSN is postgres://USER:PASSWORD@HOST/DATABASE or sqlite:PATH. Several hosts with
	// commas between them want ?target_session_attrs=read-write. Better written as
	// file:PATH of a file that holds it.
	DSN secret.Text `yaml:"dsn"`
	// Roots is a PEM file of authorities that may sign the certificate of PostgreSQL.
	// With it the connection is by TLS and the server proves the name in the DSN, as
	// sslmode=verify-full asks; without it the DSN's own sslmode says what is asked.
	Roots string `yaml:"roots,omitempty"`
	// Schema is the PostgreSQL schema of this service. Default: the name of
	// the service.
	Schema string `yaml:"schema"`
	// MaxConnections to the database. Default 8.
	MaxConnections int `yaml:"max_connections"`
	// Migrate brings the schema up to date at start; else a start on one that is
	// behind is refused, and the command migrate does it. Default true for SQLite,
	// false for PostgreSQL.
	Migrate *bool `yaml:"migrate,omitempty"`
	// Wait is how long a start waits for a database that does not answer yet.
	// Default 1m.
	Wait time.Duration `yaml:"wait,omitempty"`
	// Sweep is how often expired rows are removed, by one replica at a time.
	// Default 10m.
	Sweep time.Duration `yaml:"sweep,omitempty"`
}

// Validate tells what is missing.
func (c Config) Validate() error {
	dsn := c.DSN.Reveal()
	if !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "sqlite:") {
		return errors.New("sql.dsn must begin with postgres:// or sqlite:")
	}
	if c.MaxConnections < 0 {
		return fmt.Errorf("sql.max_connections must be a number such as 8, not %d", c.MaxConnections)
	}
	if c.Wait < 0 {
		return fmt.Errorf("sql.wait must be a duration such as 1m, not %s", c.Wait)
	}
	if c.Sweep != 0 && c.Sweep < time.Second {
		return fmt.Errorf("sql.sweep must be at least 1s, such as 10m, and is %s", c.Sweep)
	}
	if _, embedded := c.sqlite(); embedded && c.Roots != "" {
		return errors.New("sql.roots wants postgres:// in sql.dsn")
	}
	return nil
}

// defaultWait is longer than a database takes to restart.
const defaultWait = time.Minute

func (c Config) withDefaults(service string) Config {
	c.Schema = cmp.Or(c.Schema, service)
	c.MaxConnections = cmp.Or(c.MaxConnections, 8)
	c.Wait = cmp.Or(c.Wait, defaultWait)
	return c
}

// sqlite is the path of the file, where the database is one.
func (c Config) sqlite() (path string, ok bool) {
	return strings.CutPrefix(c.DSN.Reveal(), "sqlite:")
}

// migrates tells whether a start brings the schema up to date.
func (c Config) migrates() bool {
	_, embedded := c.sqlite()
	return (c.Migrate == nil && embedded) || (c.Migrate != nil && *c.Migrate)
}

// Open connects to the database of a service, whose schema is that of the
// migrations or newer. It waits where nothing answers yet.
func Open(ctx context.Context, c Config, service string, migrations fs.FS) (*sql.DB, error) {
	c = c.withDefaults(service)
	s, err := connect(ctx, c, migrations)
	if err != nil {
		return nil, err
	}
	if c.migrates() {
		_, err = s.migrate(ctx)
	} else {
		err = s.verify(ctx, service)
	}
	if err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s.db, nil
}

// Migrate brings the schema of a service up to date, and answers its version.
// Several may do so at the same time.
func Migrate(ctx context.Context, c Config, service string, migrations fs.FS) (version int64, err error) {
	s, err := connect(ctx, c.withDefaults(service), migrations)
	if err != nil {
		return 0, err
	}
	version, err = s.migrate(ctx)
	return version, errors.Join(err, s.db.Close())
}

// connect opens the database that the configuration names.
func connect(ctx context.Context, c Config, migrations fs.FS) (*schema, error) {
	if path, ok := c.sqlite(); ok {
		return openSQLite(path, c.MaxConnections, migrations)
	}
	return openPostgres(ctx, c, migrations)
}
