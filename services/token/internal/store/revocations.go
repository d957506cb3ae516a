package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

// NewRevocations keeps revoked tokens in SQL: a revocation that is forgotten
// would bring a token back to life.
func NewRevocations(db *sql.DB) Revocations { return revocations{db} }

type revocations struct{ db *sql.DB }

func (r revocations) Add(ctx context.Context, issuer, tokenID string, expires time.Time) error {
	_, err := r.db.ExecContext(ctx, `
		INSERT INTO token_revocation (issuer, token_id, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (issuer, token_id) DO NOTHING`, issuer, tokenID, expires.UnixMilli())
	if err != nil {
		return sqlconn.Failed("add revocation", err)
	}
	return nil
}

func (r revocations) Has(ctx context.Context, issuer, tokenID string) (bool, error) {
	var revoked bool
	err := r.db.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM token_revocation WHERE issuer = $1 AND token_id = $2)`, issuer, tokenID).Scan(&revoked)
	if err != nil {
		return false, sqlconn.Failed("get revocation", err)
	}
	return revoked, nil
}

func (r revocations) Sweep(ctx context.Context, now time.Time, batch int) (int, error) {
	return sqlconn.RemoveExpired(ctx, r.db, "revocations", `
		DELETE FROM token_revocation WHERE (issuer, token_id) IN (
			SELECT issuer, token_id FROM token_revocation WHERE expires_at < $1 LIMIT $2)`, now, batch)
}
