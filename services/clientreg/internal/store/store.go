// Package store keeps the clients, and marks what they have used up. Errors are
// refusals: a store that cannot answer lets nothing through.
package store

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
)

// Record is one registered client.
type Record struct {
	ClientID string
	// Generation begins at 1 and grows with each change of the record.
	Generation int64
	// Active is false while the client is suspended.
	Active bool
	// Metadata in effect.
	Metadata metadata.Client
	// RegistrationTokenHash is oauth.Hash of the registration access token.
	RegistrationTokenHash string
	// CreatedAt, to the second.
	CreatedAt time.Time
}

// Clients keeps records by issuer name and client_id.
type Clients interface {
	// Create keeps a new record. One that is there already is an error.
	Create(ctx context.Context, issuer string, record Record) error
	// Get answers a record; found is false where there is none.
	Get(ctx context.Context, issuer, clientID string) (record Record, found bool, err error)
	// Update replaces an active client's metadata, and its generation by the next
	// one, where the token's hash is the client's; found is false otherwise. Before
	// the change can be read, announce is called with the new generation; where
	// that fails nothing is changed.
	Update(ctx context.Context, issuer, clientID, tokenHash string, m metadata.Client, announce Announce) (record Record, found bool, err error)
	// Delete removes an active client in the same manner. Nothing is left of it,
	// so that deletions fill no store: its client_id is never given again.
	Delete(ctx context.Context, issuer, clientID, tokenHash string, announce Announce) (found bool, err error)
}

// Announce tells of a generation that is about to come, and of none but this.
type Announce func(generation int64) error

// Marks keeps what a client has used up, and which generation of each client is
// the newest, for replicas that keep clients in memory. A generation of 0 says
// that none is marked.
type Marks interface {
	// Burn marks an id as used by an attempt, for ttl at least. It is true for
	// the first attempt and for that attempt again, else false. It also answers
	// the client's newest generation, in the same trip.
	Burn(ctx context.Context, issuer, clientID, id, attempt string, ttl time.Duration) (burnt bool, generation int64, err error)
	// Generation answers the client's newest generation.
	Generation(ctx context.Context, issuer, clientID string) (int64, error)
	// Announce marks a generation as the newest, unless a newer one is.
	Announce(ctx context.Context, issuer, clientID string, generation int64) error
	// CountRegistration counts one more registration in a period by the bearer of
	// an initial access token, and answers how many there are with it.
	CountRegistration(ctx context.Context, issuer, tokenHash string, period int64) (int64, error)
}
