package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations make the tables.
var Migrations, _ = fs.Sub(embedded, "migrations")

// NewGrants keeps grants in SQL.
func NewGrants(db *sql.DB) Grants { return grants{db} }

type grants struct{ db *sql.DB }

func (g grants) Add(ctx context.Context, issuer string, grant Grant) (Grant, error) {
	// The empty update makes the row that stands come back, so that one
	// statement both decides and tells who won.
	row := g.db.QueryRowContext(ctx, `
		INSERT INTO user_grant (issuer, grant_id, client_id, subject, scopes, request_hash, attempt, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (issuer, request_hash) DO UPDATE SET request_hash = excluded.request_hash
		RETURNING grant_id, attempt`,
		issuer, grant.ID, grant.ClientID, grant.Subject, strings.Join(grant.Scopes, " "), grant.RequestHash, grant.Attempt,
		grant.Created.UnixMilli(), grant.Expires.UnixMilli())
	var attempt string
	if err := row.Scan(&grant.ID, &attempt); err != nil {
		return Grant{}, failed("add grant", err)
	}
	if attempt != grant.Attempt {
		return Grant{}, oauth.New(oauth.CodeInvalidRequestURI, "request_uri is used").By("PAR-5")
	}
	return grant, nil
}

func (g grants) Get(ctx context.Context, issuer, id string) (Grant, bool, error) {
	var grant Grant
	var scopes string
	var created, expires int64
	err := g.db.QueryRowContext(ctx, `
		SELECT grant_id, client_id, subject, scopes, created_at, expires_at FROM user_grant
		WHERE issuer = $1 AND grant_id = $2`, issuer, id).
		Scan(&grant.ID, &grant.ClientID, &grant.Subject, &scopes, &created, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		return Grant{}, false, nil
	}
	if err != nil {
		return Grant{}, false, failed("get grant", err)
	}
	grant.Scopes = strings.Fields(scopes)
	grant.Created, grant.Expires = time.UnixMilli(created), time.UnixMilli(expires)
	return grant, true, nil
}

func (g grants) Sweep(ctx context.Context, now time.Time, batch int) (int, error) {
	result, err := g.db.ExecContext(ctx, `
		DELETE FROM user_grant WHERE (issuer, grant_id) IN (
			SELECT issuer, grant_id FROM user_grant WHERE expires_at < $1 LIMIT $2)`, now.UnixMilli(), batch)
	if err != nil {
		return 0, failed("sweep grants", err)
	}
	removed, err := result.RowsAffected()
	return int(removed), err
}

// failed makes the refusal for a database that could not answer.
func failed(operation string, err error) error {
	return oauth.Unavailable(1).Because(fmt.Errorf("%s: %w", operation, err))
}
