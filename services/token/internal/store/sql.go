package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations make the tables.
var Migrations, _ = fs.Sub(embedded, "migrations")

// NewAuthorizations keeps authorizations in SQL.
func NewAuthorizations(db *sql.DB) Authorizations { return authorizations{db} }

type authorizations struct{ db *sql.DB }

func (a authorizations) Add(ctx context.Context, issuer string, authorization Authorization) (bool, error) {
	// The empty update makes the row that stands come back, so that one
	// statement both decides and tells who won.
	row := a.db.QueryRowContext(ctx, `
		INSERT INTO token_authorization (issuer, authorization_id, grant_id, client_id, attempt, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (issuer, authorization_id) DO UPDATE SET authorization_id = excluded.authorization_id
		RETURNING attempt`,
		issuer, authorization.ID, authorization.GrantID, authorization.ClientID, authorization.Attempt,
		authorization.Created.UnixMilli(), authorization.Expires.UnixMilli())
	var attempt string
	if err := row.Scan(&attempt); err != nil {
		return false, failed("add authorization", err)
	}
	return attempt == authorization.Attempt, nil
}

func (a authorizations) Get(ctx context.Context, issuer, id string) (Authorization, bool, error) {
	authorization := Authorization{ID: id}
	var created, expires int64
	err := a.db.QueryRowContext(ctx, `
		SELECT grant_id, client_id, attempt, created_at, expires_at, revoked_at IS NOT NULL FROM token_authorization
		WHERE issuer = $1 AND authorization_id = $2`, issuer, id).
		Scan(&authorization.GrantID, &authorization.ClientID, &authorization.Attempt, &created, &expires, &authorization.Revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return Authorization{}, false, nil
	}
	if err != nil {
		return Authorization{}, false, failed("get authorization", err)
	}
	authorization.Created, authorization.Expires = time.UnixMilli(created), time.UnixMilli(expires)
	return authorization, true, nil
}

func (a authorizations) Revoke(ctx context.Context, issuer, id string, now time.Time) error {
	_, err := a.db.ExecContext(ctx, `
		UPDATE token_authorization SET revoked_at = $3
		WHERE issuer = $1 AND authorization_id = $2 AND revoked_at IS NULL`, issuer, id, now.UnixMilli())
	if err != nil {
		return failed("revoke authorization", err)
	}
	return nil
}

func (a authorizations) Sweep(ctx context.Context, now time.Time, batch int) (int, error) {
	result, err := a.db.ExecContext(ctx, `
		DELETE FROM token_authorization WHERE (issuer, authorization_id) IN (
			SELECT issuer, authorization_id FROM token_authorization WHERE expires_at < $1 LIMIT $2)`, now.UnixMilli(), batch)
	if err != nil {
		return 0, failed("sweep authorizations", err)
	}
	removed, err := result.RowsAffected()
	return int(removed), err
}

// failed makes the refusal for a database that could not answer.
func failed(operation string, err error) error {
	return oauth.Unavailable(1).Because(fmt.Errorf("%s: %w", operation, err))
}
