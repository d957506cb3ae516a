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
}

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
	// Announce marks a generation as the newest, unless a newer one is. It is
	// called after the record of that generation can be read.
	Announce(ctx context.Context, issuer, clientID string, generation int64) error
}
