package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"io/fs"
	"strings"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/sqlconn"
)

//go:embed migrations/*.sql
var embedded embed.FS

// Migrations make the tables.
var Migrations, _ = fs.Sub(embedded, "migrations")

// NewGrants keeps grants in SQL.
func NewGrants(db *sql.DB) Grants { return grants{db} }

type grants struct{ db *sql.DB }

func (g grants) Add(ctx context.Context, issuer string, grant Grant) (Grant, error) {
	// The update makes the row that stands come back, so that one statement both
	// decides and tells who won. The column attempt holds the session.
	scopes := strings.Join(grant.Scopes, " ")
	row := g.db.QueryRowContext(ctx, `
		INSERT INTO user_grant (issuer, grant_id, client_id, client_name, subject, scopes, request_hash, attempt, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (issuer, request_hash) DO UPDATE SET expires_at = CASE
			WHEN user_grant.attempt = excluded.attempt AND user_grant.subject = excluded.subject AND user_grant.scopes = excluded.scopes
				AND user_grant.expires_at BETWEEN excluded.created_at AND excluded.expires_at
			THEN excluded.expires_at ELSE user_grant.expires_at END
		RETURNING grant_id, attempt, subject, scopes, created_at, expires_at, withdrawn_at`,
		issuer, grant.ID, grant.ClientID, grant.ClientName, grant.Subject, scopes, grant.RequestHash, grant.Session,
		grant.Created.UnixMilli(), grant.Expires.UnixMilli())
	var session, subject, given string
	var created, expires int64
	var withdrawn sql.NullInt64
	if err := row.Scan(&grant.ID, &session, &subject, &given, &created, &expires, &withdrawn); err != nil {
		return Grant{}, sqlconn.Failed("add grant", err)
	}
	// A session whose answer Redis forgot may have been answered again: what a user can
	// see and withdraw must be what its code buys.
	other := session != grant.Session || subject != grant.Subject || given != scopes
	if other || withdrawn.Valid || expires < grant.Created.UnixMilli() {
		return Grant{}, oauth.New(oauth.CodeInvalidRequestURI, "request_uri is used").By("PAR-5")
	}
	grant.Created, grant.Expires = time.UnixMilli(created), time.UnixMilli(expires)
	return grant, nil
}

const grantColumns = `grant_id, client_id, client_name, subject, scopes, created_at, expires_at`

// scan reads grantColumns.
func scan(scan func(...any) error) (Grant, error) {
	var grant Grant
	var scopes string
	var created, expires int64
	err := scan(&grant.ID, &grant.ClientID, &grant.ClientName, &grant.Subject, &scopes, &created, &expires)
	grant.Scopes = strings.Fields(scopes)
	grant.Created, grant.Expires = time.UnixMilli(created), time.UnixMilli(expires)
	return grant, err
}

func (g grants) Get(ctx context.Context, issuer, id string) (Grant, bool, error) {
	grant, err := scan(g.db.QueryRowContext(ctx, `
		SELECT `+grantColumns+` FROM user_grant
		WHERE issuer = $1 AND grant_id = $2 AND withdrawn_at IS NULL`, issuer, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Grant{}, false, nil
	}
	if err != nil {
		return Grant{}, false, sqlconn.Failed("get grant", err)
	}
	return grant, true, nil
}

func (g grants) List(ctx context.Context, issuer, subject string, now time.Time, most int) ([]Grant, error) {
	rows, err := g.db.QueryContext(ctx, `
		SELECT `+grantColumns+` FROM user_grant
		WHERE issuer = $1 AND subject = $2 AND withdrawn_at IS NULL AND expires_at > $3
		ORDER BY created_at DESC, grant_id LIMIT $4`, issuer, subject, now.UnixMilli(), most)
	if err != nil {
		return nil, sqlconn.Failed("list grants", err)
	}
	defer rows.Close()
	var list []Grant
	for rows.Next() {
		grant, err := scan(rows.Scan)
		if err != nil {
			return nil, sqlconn.Failed("list grants", err)
		}
		list = append(list, grant)
	}
	if err := rows.Err(); err != nil {
		return nil, sqlconn.Failed("list grants", err)
	}
	return list, nil
}

func (g grants) Withdraw(ctx context.Context, issuer, subject, id string, now time.Time) (string, bool, error) {
	var clientID string
	err := g.db.QueryRowContext(ctx, `
		UPDATE user_grant SET withdrawn_at = COALESCE(withdrawn_at, $4)
		WHERE issuer = $1 AND subject = $2 AND grant_id = $3 AND expires_at > $4
		RETURNING client_id`,
		issuer, subject, id, now.UnixMilli()).Scan(&clientID)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, sqlconn.Failed("withdraw grant", err)
	}
	return clientID, true, nil
}

func (g grants) Sweep(ctx context.Context, now time.Time, batch int) (int, error) {
	return sqlconn.RemoveExpired(ctx, g.db, "grants", `
		DELETE FROM user_grant WHERE (issuer, grant_id) IN (
			SELECT issuer, grant_id FROM user_grant WHERE expires_at < $1 LIMIT $2)`, now, batch)
}
