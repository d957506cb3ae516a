package sqlconn

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

func openPostgres(ctx context.Context, c Config, migrations fs.FS) (*schema, error) {
	address, err := url.Parse(c.DSN.Reveal())
	if err != nil {
		return nil, errors.New("sql.dsn is not a URL") // the parser's own error would repeat the password
	}
	quoted := `"` + strings.ReplaceAll(c.Schema, `"`, `""`) + `"`
	query := address.Query()
	query.Set("search_path", quoted)
	if c.Roots != "" {
		query.Set("sslmode", "verify-full")
		query.Set("sslrootcert", c.Roots)
	}
	address.RawQuery = query.Encode()
	settings, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, fmt.Errorf("sql.dsn: %w", err) // which hides the password
	}
	settings.Tracer = spans{}
	settings.OnPgError = leaveReadOnly(settings.OnPgError)
	db := stdlib.OpenDB(*settings)
	db.SetMaxOpenConns(c.MaxConnections)
	db.SetMaxIdleConns(c.MaxConnections)
	db.SetConnMaxIdleTime(5 * time.Minute)
	// So that connections come to a primary that has taken over.
	db.SetConnMaxLifetime(30 * time.Minute)
	if err := awaitPostgres(ctx, db, c.Wait); err != nil {
		return nil, errors.Join(fmt.Errorf("sql.dsn: %w", err), db.Close())
	}
	// A lock of the schema's own, asked for each second: services that start
	// together wait for their replicas, not for each other.
	hash := sha256.Sum256([]byte(c.Schema))
	locker, err := lock.NewPostgresSessionLocker(
		lock.WithLockID(int64(binary.BigEndian.Uint64(hash[:8]))), lock.WithLockTimeout(1, 300))
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &schema{
		db: db, name: c.Schema, dialect: goose.DialectPostgres, migrations: migrations,
		options: []goose.ProviderOption{goose.WithSessionLocker(locker)},
		prepare: func(ctx context.Context) error { return createSchema(ctx, db, c.Schema, quoted) },
		close:   func(ctx context.Context) error { return closeVersions(ctx, db) },
		alone:   func(_ context.Context, do func() error) error { return do() }, // goose takes the session lock
	}, nil
}

// leaveReadOnly ends a connection to a server that may only be read: it was a primary
// when we came. The next connection goes where the name leads by then, or to whichever
// of several hosts takes writes (target_session_attrs=read-write).
func leaveReadOnly(otherwise pgconn.PgErrorHandler) pgconn.PgErrorHandler {
	return func(conn *pgconn.PgConn, answer *pgconn.PgError) (keep bool) {
		return answer.Code != readOnlyTransaction && otherwise(conn, answer)
	}
}

const readOnlyTransaction = "25006" // read_only_sql_transaction

// askAgain is how often a database that does not answer is asked.
const askAgain = 500 * time.Millisecond

// awaitPostgres waits until the database answers: in which order things start
// does not matter. What waiting does not cure, a wrong password or a certificate
// of somebody else, is an error at once.
func awaitPostgres(ctx context.Context, db *sql.DB, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil || !mayPass(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("no answer within %s: %w", wait, err)
		case <-time.After(askAgain):
		}
	}
}

// mayPass tells whether a fault of connecting may pass by itself: nobody answered,
// or a server that is starting, ending or full.
func mayPass(err error) bool {
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch answer.Code {
		case "57P03", "57P01", "53300": // cannot_connect_now, admin_shutdown, too_many_connections
			return true
		}
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	_, dialled := errors.AsType[*pgconn.ConnectError](err)
	return dialled
}

// createSchema makes the schema where it is missing. One that is there is left
// alone, for a role that is limited to its schema may not even try.
func createSchema(ctx context.Context, db *sql.DB, name, quoted string) error {
	var exists bool
	err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)`, name).Scan(&exists)
	if err == nil && !exists {
		_, err = db.ExecContext(ctx, `CREATE SCHEMA IF NOT EXISTS `+quoted)
	}
	if answer, ok := errors.AsType[*pgconn.PgError](err); ok && madeMeanwhile[answer.Code] {
		return nil
	}
	return err
}

// closeVersions takes from all but the owner what a default privilege of the schema gave
// them on the table of versions, but to read it: who can say that a migration has run
// keeps the next start from its tables. Replicas that migrate together do it in turn.
func closeVersions(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `DO $$
		DECLARE
			other record;
			granted CURSOR FOR
				SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS role
				  FROM pg_class c, aclexplode(c.relacl) a
				 WHERE c.oid = 'goose_db_version'::regclass AND a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'
				   AND pg_has_role(c.relowner, 'USAGE');
		BEGIN
			OPEN granted;
			FETCH granted INTO other;
			CLOSE granted;
			IF other.role IS NULL THEN
				RETURN;
			END IF;
			LOCK TABLE goose_db_version IN SHARE ROW EXCLUSIVE MODE;
			FOR other IN granted LOOP
				EXECUTE 'REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON goose_db_version FROM ' || other.role;
			END LOOP;
		END $$`)
	return err
}

// madeMeanwhile are what PostgreSQL answers to IF NOT EXISTS where another replica
// makes the same at the same time: unique_violation, duplicate_schema.
var madeMeanwhile = map[string]bool{"23505": true, "42P06": true}
