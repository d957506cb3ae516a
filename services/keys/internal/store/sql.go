package store

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"time"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations make the tables.
var Migrations = func() fs.FS {
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name is a constant, and valid
	}
	return folder
}()

// NewSQL keeps records in a database with the Migrations applied.
func NewSQL(db *sql.DB) Keys { return &sqlKeys{db} }

type sqlKeys struct{ db *sql.DB }

func (s *sqlKeys) Add(ctx context.Context, r Record) (bool, error) {
	result, err := s.db.ExecContext(ctx, `
		INSERT INTO issuer_key (issuer, kid, purpose, alg, generation, backend, created_at, begins_at, withdrawn_at, reason, public_jwk, handle)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING`,
		r.Issuer, r.KeyID, r.Purpose, string(r.Algorithm), r.Generation, r.Backend,
		r.Created.UnixMilli(), r.Begins.UnixMilli(), milliseconds(r.Withdrawn), r.Reason, string(r.PublicJWK), r.Handle)
	if err != nil {
		return false, fmt.Errorf("add a key: %w", err)
	}
	added, err := result.RowsAffected()
	return added == 1, err
}

func (s *sqlKeys) List(ctx context.Context) ([]Record, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT issuer, kid, purpose, alg, generation, backend, created_at, begins_at, withdrawn_at, reason, public_jwk, handle
		FROM issuer_key ORDER BY issuer, purpose, alg, generation`)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	defer rows.Close()
	var records []Record
	for rows.Next() {
		var r Record
		var created, begins, withdrawn int64
		if err := rows.Scan(&r.Issuer, &r.KeyID, &r.Purpose, &r.Algorithm, &r.Generation, &r.Backend,
			&created, &begins, &withdrawn, &r.Reason, &r.PublicJWK, &r.Handle); err != nil {
			return nil, fmt.Errorf("list keys: %w", err)
		}
		r.Created, r.Begins = time.UnixMilli(created).UTC(), time.UnixMilli(begins).UTC()
		if withdrawn != 0 {
			r.Withdrawn = time.UnixMilli(withdrawn).UTC()
		}
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return records, nil
}

func (s *sqlKeys) Advance(ctx context.Context, issuer, kid string, begins time.Time) error {
	return s.change(ctx, "advance a key",
		`UPDATE issuer_key SET begins_at = $1 WHERE issuer = $2 AND kid = $3 AND begins_at > $4`,
		begins.UnixMilli(), issuer, kid, begins.UnixMilli())
}

func (s *sqlKeys) Withdraw(ctx context.Context, issuer, kid string, at time.Time, reason string) error {
	return s.change(ctx, "withdraw a key",
		`UPDATE issuer_key SET withdrawn_at = $1, reason = $2, handle = $3 WHERE issuer = $4 AND kid = $5 AND withdrawn_at = 0`,
		at.UnixMilli(), reason, []byte{}, issuer, kid)
}

func (s *sqlKeys) Remove(ctx context.Context, issuer, kid string) error {
	return s.change(ctx, "remove a key", `DELETE FROM issuer_key WHERE issuer = $1 AND kid = $2`, issuer, kid)
}

func (s *sqlKeys) change(ctx context.Context, what, statement string, args ...any) error {
	if _, err := s.db.ExecContext(ctx, statement, args...); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// milliseconds is Unix time; 0 for the zero time.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
