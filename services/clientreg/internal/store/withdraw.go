package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// Participants selects them; one whose clients stand differently is there twice.
func (s *SQL) Participants(ctx context.Context, issuer, framework string) (found []Participant, err error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT DISTINCT participant, withdrawn FROM client WHERE issuer = $1 AND framework = $2`, issuer, framework)
	if err != nil {
		return nil, redisconn.Failed("list participants", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		p := Participant{Framework: framework}
		if err := rows.Scan(&p.ID, &p.Withdrawn); err != nil {
			return nil, redisconn.Failed("list participants", err)
		}
		found = append(found, p)
	}
	if err := rows.Err(); err != nil {
		return nil, redisconn.Failed("list participants", err)
	}
	return found, nil
}

// step is how many clients are changed in one transaction: each is announced
// while it is open.
const step = 100

// Withdraw updates the rows.
func (s *SQL) Withdraw(ctx context.Context, issuer string, of Participant, announce func(string, int64) error) (changed []string, err error) {
	for {
		some, err := s.withdrawSome(ctx, issuer, of, announce)
		if changed = append(changed, some...); err != nil || len(some) < step {
			return changed, err
		}
	}
}

func (s *SQL) withdrawSome(ctx context.Context, issuer string, of Participant, announce func(string, int64) error) ([]string, error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return nil, redisconn.Failed("withdraw clients", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	newest, err := mark(ctx, tx, issuer, of)
	if err != nil {
		return nil, redisconn.Failed("withdraw clients", err)
	}
	for clientID, generation := range newest { // before the commit, as in change
		if err := announce(clientID, generation); err != nil {
			return nil, err
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, redisconn.Failed("withdraw clients", err)
	}
	return slices.Sorted(maps.Keys(newest)), nil
}

// mark changes some rows and answers their new generations.
func mark(ctx context.Context, tx *sql.Tx, issuer string, of Participant) (newest map[string]int64, err error) {
	rows, err := tx.QueryContext(ctx,
		`UPDATE client SET withdrawn = $1, generation = generation + 1
		 WHERE issuer = $2 AND withdrawn <> $1 AND client_id IN (
		   SELECT client_id FROM client
		   WHERE issuer = $2 AND framework = $3 AND participant = $4 AND withdrawn <> $1 ORDER BY client_id LIMIT $5)
		 RETURNING client_id, generation`,
		of.Withdrawn, issuer, of.Framework, of.ID, step)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	newest = map[string]int64{}
	for rows.Next() {
		var clientID string
		var generation int64
		if err := rows.Scan(&clientID, &generation); err != nil {
			return nil, err
		}
		newest[clientID] = generation
	}
	return newest, rows.Err()
}
