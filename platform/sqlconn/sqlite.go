package sqlconn

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

const (
	// sqlitePragmas make SQLite wait instead of failing, write ahead, and take its
	// lock when a transaction begins.
	sqlitePragmas = "?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)&_pragma=foreign_keys(1)&_txlock=immediate"
	// lockPragmas make who comes second wait for half a minute.
	lockPragmas = "?_pragma=busy_timeout(30000)&_txlock=exclusive"
)

func openSQLite(path string, connections int, migrations fs.FS) (*schema, error) {
	db, err := sql.Open("sqlite", "file:"+path+sqlitePragmas)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(connections)
	return &schema{
		db: db, name: path, dialect: goose.DialectSQLite3, migrations: migrations,
		alone: func(ctx context.Context, do func() error) error { return aloneBy(ctx, path, do) },
	}, nil
}

// aloneBy runs do while no other process does, by an exclusive transaction in a
// file beside the database: the first who opens a new database turns it to
// write-ahead logging and makes its tables, and for neither does SQLite wait by
// itself.
func aloneBy(ctx context.Context, path string, do func() error) error {
	lock, err := sql.Open("sqlite", "file:"+path+".lock"+lockPragmas)
	if err != nil {
		return err
	}
	tx, err := lock.BeginTx(ctx, nil)
	if err != nil {
		return errors.Join(fmt.Errorf("lock %s: %w", path, err), lock.Close())
	}
	return errors.Join(do(), tx.Rollback(), lock.Close())
}
