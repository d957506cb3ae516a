package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations make the schema of SQL.
var Migrations = func() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is compiled in
	}
	return sub
}()

// SQL is Clients in PostgreSQL or SQLite.
type SQL struct{ db *sql.DB }

var _ Clients = (*SQL)(nil)

// NewSQL makes the store on a database with Migrations applied.
func NewSQL(db *sql.DB) *SQL { return &SQL{db} }

// Create inserts the row. The unique index decides between two that register the
// same software at once.
func (s *SQL) Create(ctx context.Context, issuer string, record Record) (bool, error) {
	document, err := json.Marshal(record.Metadata)
	if err != nil {
		return false, err
	}
	result, err := s.db.ExecContext(ctx,
		`INSERT INTO client (issuer, client_id, generation, active, document, registration_token_hash, created_at,
		                     framework, participant, software_once, withdrawn)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		 ON CONFLICT (issuer, framework, software_once) DO NOTHING`,
		issuer, record.ClientID, record.Generation, record.Active, string(document), record.RegistrationTokenHash, record.CreatedAt.Unix(),
		record.Framework, record.Participant, sql.NullString{String: record.SoftwareOnce, Valid: record.SoftwareOnce != ""}, record.Withdrawn)
	if err != nil {
		return false, redisconn.Failed("create client", err)
	}
	created, err := result.RowsAffected()
	if err != nil {
		return false, redisconn.Failed("create client", err)
	}
	return created == 1, nil
}

// Get selects the row.
func (s *SQL) Get(ctx context.Context, issuer, clientID string) (Record, bool, error) {
	record, err := scan(s.db.QueryRowContext(ctx,
		`SELECT `+columns+` FROM client WHERE issuer = $1 AND client_id = $2`, issuer, clientID))
	if errors.Is(err, sql.ErrNoRows) {
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, redisconn.Failed("get client", err)
	}
	return record, true, nil
}
