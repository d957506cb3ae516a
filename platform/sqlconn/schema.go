package sqlconn

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// schema is the tables of one service, and the migrations that make them.
type schema struct {
	db         *sql.DB
	name       string
	dialect    goose.Dialect
	migrations fs.FS
	options    []goose.ProviderOption
	// prepare makes what migrations stand on.
	prepare func(context.Context) error
	// close leaves to the schema's owner alone what migrations stand on.
	close func(context.Context) error
	// alone runs something while no other process does.
	alone func(ctx context.Context, do func() error) error
}

// migrate runs what is new of the migrations, and answers the version that the
// schema then has. Replicas may start together: one of them does it.
func (s *schema) migrate(ctx context.Context) (version int64, err error) {
	err = s.alone(ctx, func() error {
		if s.prepare != nil {
			if err := s.prepare(ctx); err != nil {
				return fmt.Errorf("schema %s: %w", s.name, err)
			}
		}
		provider, err := goose.NewProvider(s.dialect, s.db, s.migrations, s.options...)
		if err == nil {
			_, err = provider.Up(ctx)
		}
		if err == nil {
			version, err = provider.GetDBVersion(ctx)
		}
		if err == nil && s.close != nil {
			err = s.close(ctx)
		}
		if err != nil {
			return fmt.Errorf("migrations of %s: %w", s.name, err)
		}
		return nil
	})
	return version, err
}

// verify fails where the schema is behind the migrations. One that is ahead is
// fine: migrations come before the replicas that need them, and no migration takes
// away what the release before it uses.
func (s *schema) verify(ctx context.Context, service string) error {
	provider, err := goose.NewProvider(s.dialect, s.db, s.migrations)
	if err != nil {
		return err
	}
	sources := provider.ListSources()
	needed := sources[len(sources)-1].Version
	var version int64
	// Where the table is missing, nothing has been migrated yet; any other fault
	// would have shown when connecting.
	err = s.db.QueryRowContext(ctx, `SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err == nil && version >= needed {
		return nil
	}
	return fmt.Errorf("the database schema %s is at version %d and this binary needs %d: run `strongroom-%s migrate --config FILE` first, or set sql.migrate: true",
		s.name, version, needed, service)
}
