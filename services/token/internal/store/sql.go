package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations make the tables.
var Migrations, _ = fs.Sub(embedded, "migrations")

// NewAuthorizations keeps authorizations in SQL.
func NewAuthorizations(db *sql.DB) Authorizations { return authorizations{db} }

type authorizations struct{ db *sql.DB }

func (a authorizations) Add(ctx context.Context, issuer string, authorization Authorization) (bool, error) {
	// One statement both decides and tells who won: the row is written where
	// there is none, where the same attempt writes again after a lost reply, and
	// where a replay overtook this attempt and left its mark, which stays.
	// Anybody else's row is left alone, and then nothing comes back.
	row := a.db.QueryRowContext(ctx, `
		INSERT INTO token_authorization (issuer, authorization_id, grant_id, client_id, subject, scopes, auth_time, acr, amr,
			refresh_hash, attempt, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (issuer, authorization_id) DO UPDATE SET
			grant_id = excluded.grant_id, client_id = excluded.client_id, subject = excluded.subject, scopes = excluded.scopes,
			auth_time = excluded.auth_time, acr = excluded.acr, amr = excluded.amr, refresh_hash = excluded.refresh_hash,
			attempt = excluded.attempt, created_at = excluded.created_at, expires_at = excluded.expires_at
		WHERE token_authorization.attempt IN (excluded.attempt, $14)
		RETURNING attempt`,
		issuer, authorization.ID, authorization.GrantID, authorization.ClientID, authorization.Subject,
		strings.Join(authorization.Scopes, " "), authorization.AuthTime, authorization.ACR, strings.Join(authorization.AMR, " "),
		sql.NullString{String: authorization.RefreshHash, Valid: authorization.RefreshHash != ""},
		authorization.Attempt, authorization.Created.UnixMilli(), authorization.Expires.UnixMilli(), nobody)
	var attempt string
	err := row.Scan(&attempt)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, sqlconn.Failed("add authorization", err)
	}
	return true, nil
}

func (a authorizations) Get(ctx context.Context, issuer, id string) (Authorization, bool, error) {
	return a.one(ctx, `authorization_id`, issuer, id)
}

func (a authorizations) ByRefresh(ctx context.Context, issuer, refreshHash string) (Authorization, bool, error) {
	return a.one(ctx, `refresh_hash`, issuer, refreshHash)
}

// one reads a row by one of its unique columns.
func (a authorizations) one(ctx context.Context, column, issuer, value string) (Authorization, bool, error) {
	var found Authorization
	var scopes, amr string
	var created, expires int64
	err := a.db.QueryRowContext(ctx, `
		SELECT authorization_id, grant_id, client_id, subject, scopes, auth_time, acr, amr, attempt, created_at, expires_at,
			revoked_at IS NOT NULL
		FROM token_authorization WHERE issuer = $1 AND `+column+` = $2`, issuer, value).
		Scan(&found.ID, &found.GrantID, &found.ClientID, &found.Subject, &scopes, &found.AuthTime, &found.ACR, &amr,
			&found.Attempt, &created, &expires, &found.Revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return Authorization{}, false, nil
	}
	if err != nil {
		return Authorization{}, false, sqlconn.Failed("get authorization", err)
	}
	found.Scopes, found.AMR = strings.Fields(scopes), strings.Fields(amr)
	found.Created, found.Expires = time.UnixMilli(created), time.UnixMilli(expires)
	return found, true, nil
}

// nobody is the attempt of a row that was revoked before it was added.
const nobody = "revoked"

// forgetRevoked is how long such a row is kept.
const forgetRevoked = 24 * time.Hour

func (a authorizations) Revoke(ctx context.Context, issuer, id string, now time.Time) error {
	_, err := a.db.ExecContext(ctx, `
		INSERT INTO token_authorization (issuer, authorization_id, grant_id, client_id, subject, scopes, auth_time, acr, amr,
			attempt, created_at, expires_at, revoked_at)
		VALUES ($1, $2, '', '', '', '', 0, '', '', $3, $4, $5, $4)
		ON CONFLICT (issuer, authorization_id) DO UPDATE SET
			revoked_at = COALESCE(token_authorization.revoked_at, excluded.revoked_at)`,
		issuer, id, nobody, now.UnixMilli(), now.Add(forgetRevoked).UnixMilli())
	if err != nil {
		return sqlconn.Failed("revoke authorization", err)
	}
	return nil
}

func (a authorizations) Sweep(ctx context.Context, now time.Time, batch int) (int, error) {
	return sqlconn.RemoveExpired(ctx, a.db, "authorizations", `
		DELETE FROM token_authorization WHERE (issuer, authorization_id) IN (
			SELECT issuer, authorization_id FROM token_authorization WHERE expires_at < $1 LIMIT $2)`, now, batch)
}
