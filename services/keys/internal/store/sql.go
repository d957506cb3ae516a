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

// Migrations make the table.
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

func (s *sqlKeys) Add(ctx context.Context, r Record) error {
	_, err := s.db.ExecContext(ctx, `
		INSERT INTO signing_key (issuer, kid, purpose, alg, state, created_at, public_jwk, handle)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		r.Issuer, r.KeyID, r.Purpose, string(r.Algorithm), string(r.State), r.Created.UnixMilli(), string(r.PublicJWK), r.Handle)
	if err != nil {
		return fmt.Errorf("add a signing key: %w", err)
	}
	return nil
}

func (s *sqlKeys) List(ctx context.Context) ([]Record, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT issuer, kid, purpose, alg, state, created_at, public_jwk, handle
		FROM signing_key ORDER BY created_at, issuer, kid`)
	if err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	defer rows.Close()
	var records []Record
	for rows.Next() {
		var r Record
		var created int64
		if err := rows.Scan(&r.Issuer, &r.KeyID, &r.Purpose, &r.Algorithm, &r.State, &created, &r.PublicJWK, &r.Handle); err != nil {
			return nil, fmt.Errorf("list signing keys: %w", err)
		}
		r.Created = time.UnixMilli(created).UTC()
		records = append(records, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list signing keys: %w", err)
	}
	return records, nil
}
