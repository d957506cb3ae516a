// Package store keeps what belongs to the user's side of a flow: sessions and
// codes, which expire, in Redis; grants, which must not be lost, in SQL. Errors
// are refusals: a store that cannot answer lets nothing through.
package store

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Session is one browser's authorization in progress.
type Session struct {
	ClientID   string            `json:"client_id"`
	ClientName string            `json:"client_name"`
	RequestURI string            `json:"request_uri"`
	Params     map[string]string `json:"params"`
	TicketHash string            `json:"ticket_hash"`
	CookieHash string            `json:"cookie_hash"`
	Expires    time.Time         `json:"expires"`
	// ExpectedSubject is the user that the client means; empty for anyone.
	ExpectedSubject string `json:"expected_subject,omitempty"`
	// Refreshes tells that the client may refresh, so that the grant must
	// outlive its first token.
	Refreshes bool `json:"refreshes,omitempty"`

	// Answer is what the bank's app answered; nil until it did.
	Answer *KeptAnswer `json:"-"`
	// EndedBy is the attempt that ended the session, or empty.
	EndedBy string `json:"-"`
}

// TicketIs tells whether a secret is the session's ticket.
func (s Session) TicketIs(secret string) bool { return oauth.Equal(oauth.Hash(secret), s.TicketHash) }

// Answer is what a user decided.
type Answer struct {
	// Refused is an OAuth error code, or empty where the user approved.
	Refused string `json:"refused,omitempty"`

	Subject string   `json:"subject,omitempty"`
	Scopes  []string `json:"scopes,omitempty"`
	// AuthTime is when the user authenticated, in unix seconds.
	AuthTime int64    `json:"auth_time,omitempty"`
	ACR      string   `json:"acr,omitempty"`
	AMR      []string `json:"amr,omitempty"`
}

// KeptAnswer is an answer with the way back that it opened.
type KeptAnswer struct {
	Answer
	// HandleHash finds the one handle that leads back.
	HandleHash string `json:"handle_hash"`
	// HandleSeed makes that handle for who has the ticket, as often as the answer
	// comes; nobody who has only one of the two knows it.
	HandleSeed string `json:"handle_seed,omitempty"`
	// Digest is of what was sent, and by which app: the same may come again.
	Digest string `json:"digest,omitempty"`
}

// Sessions keeps sessions by issuer name and session id.
type Sessions interface {
	// Put keeps a new session for at least ttl.
	Put(ctx context.Context, issuer, id string, session Session, ttl time.Duration) error
	// Get answers a session with its answer, where there is one, and who ended it.
	Get(ctx context.Context, issuer, id string) (session Session, found bool, err error)
	// Answer keeps the first answer, and answers which one that is.
	Answer(ctx context.Context, issuer, id string, answer KeptAnswer, ttl time.Duration) (KeptAnswer, error)
	// Burn ends a session for ttl. It is true for the first attempt and for
	// that attempt again, else false.
	Burn(ctx context.Context, issuer, id, attempt string, ttl time.Duration) (bool, error)
}

// Code is what an authorization code stands for.
type Code struct {
	AuthorizationID string `json:"authorization_id"`
	GrantID         string `json:"grant_id"`
	ClientID        string `json:"client_id"`
	RedirectURI     string `json:"redirect_uri"`
	CodeChallenge   string `json:"code_challenge"`
	Nonce           string `json:"nonce,omitempty"`
	// DPoPKey is the thumbprint that the code is bound to; empty without one.
	DPoPKey string    `json:"dpop_jkt,omitempty"`
	Answer  Answer    `json:"answer"`
	Expires time.Time `json:"expires"`

	// SpentBy is the attempt that spent the code, or empty.
	SpentBy string `json:"-"`
}

// Codes keeps codes by issuer name and code.
type Codes interface {
	// Put keeps a code's record for at least ttl.
	Put(ctx context.Context, issuer, code string, record Code, ttl time.Duration) error
	// Get answers a code's record, spent or not.
	Get(ctx context.Context, issuer, code string) (record Code, found bool, err error)
	// Burn spends a code for ttl. It is true for the first attempt and for
	// that attempt again, else false.
	Burn(ctx context.Context, issuer, code, attempt string, ttl time.Duration) (bool, error)
}

// Grant is what a user gave to a client.
type Grant struct {
	ID       string
	ClientID string
	// ClientName is what the user was shown.
	ClientName string
	Subject    string
	Scopes     []string
	// RequestHash is of the request_uri that the grant came from; unique.
	RequestHash string
	// Session names the one that the grant was written for, and tells nothing of its
	// id.
	Session string
	Created time.Time
	Expires time.Time
}

// Grants keeps grants by issuer name and id.
type Grants interface {
	// Add writes a grant, or answers the one that was written before for the same
	// session, with the later of the two expiries. It refuses where another session
	// used the request first, or this one with another answer, and where what it
	// brought has ended.
	Add(ctx context.Context, issuer string, grant Grant) (Grant, error)
	// List answers a user's grants that live at now, newest first.
	List(ctx context.Context, issuer, subject string, now time.Time, most int) ([]Grant, error)
	// Withdraw ends a user's grant and tells whose it was, also once more; ended is
	// false where there is none, or it has expired.
	Withdraw(ctx context.Context, issuer, subject, id string, now time.Time) (clientID string, ended bool, err error)
	// Get answers a grant that was not withdrawn.
	Get(ctx context.Context, issuer, id string) (grant Grant, found bool, err error)
	// Sweep removes at most batch grants that expired before now and answers
	// how many.
	Sweep(ctx context.Context, now time.Time, batch int) (removed int, err error)
}
