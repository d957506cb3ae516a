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
	// Active is false while the client is suspended here.
	Active bool
	// Withdrawn is true while its trust framework has suspended the participant.
	Withdrawn bool
	// Framework vouched for the client, and for Participant; "" where nobody did.
	Framework, Participant string
	// SoftwareOnce is the software, where it may register once at an issuer; "" for
	// any number of times.
	SoftwareOnce string
	// Metadata in effect.
	Metadata metadata.Client
	// RegistrationTokenHash is oauth.Hash of the registration access token.
	RegistrationTokenHash string
	// CreatedAt, to the second.
	CreatedAt time.Time
}

// Serves tells whether the client may be used: nobody has suspended it.
func (r Record) Serves() bool { return r.Active && !r.Withdrawn }

// Clients keeps records by issuer name and client_id.
type Clients interface {
	// Create keeps a new record. A client_id that is there already is an error;
	// created is false where SoftwareOnce is there already, for the same framework.
	Create(ctx context.Context, issuer string, record Record) (created bool, err error)
	// Get answers a record; found is false where there is none.
	Get(ctx context.Context, issuer, clientID string) (record Record, found bool, err error)
	// Update replaces the metadata of a client that serves, and its generation by the next
	// one, where the token's hash is the client's; found is false otherwise. Before
	// the change can be read, announce is called with the new generation; where
	// that fails nothing is changed.
	Update(ctx context.Context, issuer, clientID, tokenHash string, m metadata.Client, announce Announce) (record Record, found bool, err error)
	// Delete removes a client that serves in the same manner. Nothing is left of it,
	// so that deletions fill no store: its client_id is never given again.
	Delete(ctx context.Context, issuer, clientID, tokenHash string, announce Announce) (found bool, err error)
	// Participants are those of a framework that have clients, and whether some of
	// these are withdrawn, or not yet.
	Participants(ctx context.Context, issuer, framework string) ([]Participant, error)
	// Withdraw marks all clients of a participant as withdrawn, or no longer, in
	// steps of some, and answers those that changed. Each change is announced as that
	// of Update is. Whether a client is active stays as it is.
	Withdraw(ctx context.Context, issuer string, of Participant, announce func(clientID string, generation int64) error) (changed []string, err error)

	// List answers at most some clients of an issuer, in the order of client_ids,
	// beginning behind one.
	List(ctx context.Context, issuer string, wanted Wanted, after string, most int) ([]Record, error)
	// SetActive suspends a client here, or no longer; changed is false where it
	// stands so already or is unknown. The change is announced as that of Update is.
	// Whether it is withdrawn stays as it is.
	SetActive(ctx context.Context, issuer, clientID string, active bool, announce Announce) (changed bool, err error)
	// Remove is Delete for an operator: however the client stands, and without its
	// token.
	Remove(ctx context.Context, issuer, clientID string, announce Announce) (found bool, err error)
	// Registered tells whether software is there that may register once.
	Registered(ctx context.Context, issuer, framework, softwareOnce string) (bool, error)
}

// Participant is one of a trust framework, and how its clients stand.
type Participant struct {
	Framework, ID string
	Withdrawn     bool
}

// Announce tells of a generation that is about to come, and of none but this.
type Announce func(generation int64) error

// Use is the use of an id that may be used once.
type Use struct {
	ID, Attempt string
	// Now is when it is used; it was issued at Issued or later.
	Issued, Now time.Time
	// Until is when the thing can come no more by the clock that says Now; the mark
	// is kept for redisconn.ClocksApart longer.
	Until time.Time
}

// Counted is what is counted, as it stands in a key.
type Counted string

// What is limited.
const (
	Registrations Counted = "reg"
	Checks        Counted = "check"
)

// Marks keeps what a client has used up, and which generation of each client is
// the newest, for replicas that keep clients in memory. A generation of 0 says
// that none is marked.
type Marks interface {
	// Burn marks an id as used by an attempt. It is true for the first attempt
	// and for that attempt again, else false. It also answers the client's newest
	// generation, in the same trip. An id that is older than the store's memory is
	// an error.
	Burn(ctx context.Context, issuer, clientID string, use Use) (burnt bool, generation int64, err error)
	// Generation answers the client's newest generation.
	Generation(ctx context.Context, issuer, clientID string) (int64, error)
	// Announce marks a generation as the newest, unless a newer one is.
	Announce(ctx context.Context, issuer, clientID string, generation int64) error
	// Count counts one more in a period by whom a hash stands for, and answers how
	// many there are with it.
	Count(ctx context.Context, issuer string, of Counted, byHash string, period int64) (int64, error)
	// BurnStatement marks an id of a trust framework's statement, or of a request by
	// its software, as used by an attempt, as Burn does; also where it is older than
	// the store's memory.
	BurnStatement(ctx context.Context, issuer, framework string, use Use) (burnt bool, err error)
	// StatementBurnt tells whether such an id was used, and uses nothing. An id that
	// is older than the store's memory is an error.
	StatementBurnt(ctx context.Context, issuer, framework, id string, issued time.Time) (bool, error)
}
