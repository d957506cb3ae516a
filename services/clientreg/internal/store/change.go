package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// Update rewrites the row.
func (s *SQL) Update(ctx context.Context, issuer, clientID, tokenHash string, m metadata.Client, announce Announce) (Record, bool, error) {
	document, err := json.Marshal(m)
	if err != nil {
		return Record{}, false, err
	}
	record := Record{ClientID: clientID, Active: true, Metadata: m, RegistrationTokenHash: tokenHash}
	found, err := s.change(ctx, "update client", announce, func(tx *sql.Tx) (int64, error) {
		var created int64
		err := tx.QueryRowContext(ctx,
			`UPDATE client SET document = $1, generation = generation + 1
			 WHERE issuer = $2 AND client_id = $3 AND registration_token_hash = $4 AND active AND NOT withdrawn
			 RETURNING generation, created_at`,
			string(document), issuer, clientID, tokenHash).Scan(&record.Generation, &created)
		record.CreatedAt = time.Unix(created, 0).UTC()
		return record.Generation, err
	})
	if err != nil || !found {
		return Record{}, false, err
	}
	return record, true, nil
}

// Delete removes the row.
func (s *SQL) Delete(ctx context.Context, issuer, clientID, tokenHash string, announce Announce) (bool, error) {
	return s.change(ctx, "delete client", announce, func(tx *sql.Tx) (generation int64, err error) {
		err = tx.QueryRowContext(ctx,
			`DELETE FROM client
			 WHERE issuer = $1 AND client_id = $2 AND registration_token_hash = $3 AND active AND NOT withdrawn
			 RETURNING generation + 1`,
			issuer, clientID, tokenHash).Scan(&generation)
		return generation, err
	})
}

// change makes one change of a row and announces its generation before the
// commit: were it after, a change could be in force that nobody has heard of. Who
// hears of it too early reads the old row, and reads again at the next use.
func (s *SQL) change(ctx context.Context, operation string, announce Announce, apply func(*sql.Tx) (int64, error)) (bool, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return false, redisconn.Failed(operation, err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	generation, err := apply(tx)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, redisconn.Failed(operation, err)
	}
	if err := announce(generation); err != nil {
		return false, err
	}
	if err := tx.Commit(); err != nil {
		return false, redisconn.Failed(operation, err)
	}
	return true, nil
}
