package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// Wanted chooses clients of an issuer; what is empty chooses all.
type Wanted struct {
	Framework, Participant string
	// Suspended chooses those that nobody can use, whoever suspended them; Serving
	// the others.
	Suspended, Serving bool
}

const columns = `client_id, generation, active, document, registration_token_hash, created_at, framework, participant, software_once, withdrawn`

// List selects in the order of client_ids, which the primary key has.
func (s *SQL) List(ctx context.Context, issuer string, wanted Wanted, after string, most int) (found []Record, err error) {
	rows, err := s.db.QueryContext(ctx,
		`SELECT `+columns+` FROM client
		 WHERE issuer = $1 AND client_id > $2 AND ($3 = '' OR framework = $3) AND ($4 = '' OR participant = $4)
		   AND (NOT $5 OR NOT active OR withdrawn) AND (NOT $6 OR (active AND NOT withdrawn))
		 ORDER BY client_id LIMIT $7`,
		issuer, after, wanted.Framework, wanted.Participant, wanted.Suspended, wanted.Serving, most)
	if err != nil {
		return nil, redisconn.Failed("list clients", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		record, err := scan(rows)
		if err != nil {
			return nil, redisconn.Failed("list clients", err)
		}
		found = append(found, record)
	}
	if err := rows.Err(); err != nil {
		return nil, redisconn.Failed("list clients", err)
	}
	return found, nil
}

// scan reads a row of columns.
func scan(row interface{ Scan(into ...any) error }) (Record, error) {
	var record Record
	var document string
	var created int64
	var softwareOnce sql.NullString
	err := row.Scan(&record.ClientID, &record.Generation, &record.Active, &document, &record.RegistrationTokenHash, &created,
		&record.Framework, &record.Participant, &softwareOnce, &record.Withdrawn)
	if err != nil {
		return Record{}, err
	}
	if json.Unmarshal([]byte(document), &record.Metadata) != nil {
		return Record{}, errors.New("the document is not client metadata")
	}
	record.CreatedAt, record.SoftwareOnce = time.Unix(created, 0).UTC(), softwareOnce.String
	return record, nil
}

// SetActive updates the row where it stands otherwise.
func (s *SQL) SetActive(ctx context.Context, issuer, clientID string, active bool, announce Announce) (changed bool, err error) {
	return s.change(ctx, "suspend or resume client", announce, func(tx *sql.Tx) (generation int64, err error) {
		err = tx.QueryRowContext(ctx,
			`UPDATE client SET active = $1, generation = generation + 1
			 WHERE issuer = $2 AND client_id = $3 AND active <> $1
			 RETURNING generation`,
			active, issuer, clientID).Scan(&generation)
		return generation, err
	})
}

// Remove removes the row.
func (s *SQL) Remove(ctx context.Context, issuer, clientID string, announce Announce) (found bool, err error) {
	return s.change(ctx, "remove client", announce, func(tx *sql.Tx) (generation int64, err error) {
		err = tx.QueryRowContext(ctx,
			`DELETE FROM client WHERE issuer = $1 AND client_id = $2 RETURNING generation + 1`,
			issuer, clientID).Scan(&generation)
		return generation, err
	})
}

// Registered counts the rows of a software.
func (s *SQL) Registered(ctx context.Context, issuer, framework, softwareOnce string) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx,
		`SELECT COUNT(*) FROM client WHERE issuer = $1 AND framework = $2 AND software_once = $3`,
		issuer, framework, softwareOnce).Scan(&n)
	if err != nil {
		return false, redisconn.Failed("look for software", err)
	}
	return n > 0, nil
}
