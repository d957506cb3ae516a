package audit

import "time"

// Kind is what happened.
type Kind string

// The kinds of events. A refusal is recorded where it is made and not again by
// those that pass it on.
const (
	// Opened begins every run of a process. It tells of a line that the run
	// before could not finish.
	Opened Kind = "audit.opened"

	// InteractionApproved and InteractionRefused are the answer of the bank's
	// app, which is the actor, about a user.
	InteractionApproved Kind = "interaction.approved"
	InteractionRefused  Kind = "interaction.refused"
	// GrantCreated is what a user gave to a client.
	GrantCreated   Kind = "grant.created"
	GrantWithdrawn Kind = "grant.withdrawn"

	CodeRedeemed Kind = "code.redeemed"
	// CodeReplayed is a code that came a second time; what it bought is revoked.
	CodeReplayed Kind = "code.replayed"
	TokenIssued  Kind = "token.issued"
	TokenRevoked Kind = "token.revoked"

	ClientRegistered Kind = "client.registered"
	ClientUpdated    Kind = "client.updated"
	ClientSuspended  Kind = "client.suspended"
	ClientResumed    Kind = "client.resumed"
	ClientDeleted    Kind = "client.deleted"

	KeyCreated Kind = "key.created"
	KeyRotated Kind = "key.rotated"
	KeyRetired Kind = "key.retired"
	// KeyWithdrawn is a key that was compromised.
	KeyWithdrawn Kind = "key.withdrawn"
	KeyUsed      Kind = "key.used"

	// OperatorCalled is a call of the admin API that was answered. What it changed is
	// an event of its own before it.
	OperatorCalled Kind = "operator.called"

	// Refused is a request or a call that was not let through.
	Refused Kind = "refused"
)

// kept are the kinds of which Record answers only when they are on disk: what a
// user or an operator decided, and what ends it. The others are written within a
// moment.
var kept = map[Kind]bool{
	GrantCreated: true, GrantWithdrawn: true,
	CodeReplayed: true, TokenRevoked: true,
	ClientRegistered: true, ClientUpdated: true, ClientSuspended: true, ClientResumed: true, ClientDeleted: true,
	KeyCreated: true, KeyRotated: true, KeyRetired: true, KeyWithdrawn: true,
}

// Event is one thing that happened. Members that do not apply are empty. None
// may hold a secret, a token, a code, a key or a word about a person but Subject.
type Event struct {
	// Time is filled in by Record, as are Service and Instance.
	Time     time.Time `json:"time"`
	Service  string    `json:"service"`
	Instance string    `json:"instance"`
	Kind     Kind      `json:"kind"`

	// Issuer, Actor, InteractionID, and the ids of client, grant and authorization are
	// taken from the call in progress where they are empty. Actor is who asked: the service that called, the name in
	// the certificate of the bank's app, or an operator.
	Issuer        string `json:"issuer,omitempty"`
	Actor         string `json:"actor,omitempty"`
	InteractionID string `json:"interaction_id,omitempty"`
	TraceID       string `json:"trace_id,omitempty"`

	// ClientID of a refusal is whom the request claimed to come from, where
	// nothing had proved it yet.
	ClientID string `json:"client_id,omitempty"`
	// Framework vouches for the client, and for the organisation Participant.
	Framework       string   `json:"framework,omitempty"`
	Participant     string   `json:"participant,omitempty"`
	GrantID         string   `json:"grant_id,omitempty"`
	AuthorizationID string   `json:"authorization_id,omitempty"`
	Subject         string   `json:"subject,omitempty"`
	Scopes          []string `json:"scopes,omitempty"`
	// TokenID is the jti of an access token.
	TokenID string `json:"token_id,omitempty"`

	Purpose   string `json:"purpose,omitempty"`
	Algorithm string `json:"alg,omitempty"`
	KeyID     string `json:"kid,omitempty"`

	// Method is the RPC, or the method and path, that was refused or that an
	// operator called; Error the OAuth error code, and Rule the requirement, such as SP2-25.
	Method string `json:"method,omitempty"`
	Error  string `json:"error,omitempty"`
	Rule   string `json:"rule,omitempty"`

	// Torn is what Opened tells of an unfinished line before it.
	Torn *Torn `json:"torn,omitempty"`
}

// Torn is a line that was not finished, because the process or the machine
// stopped in the middle or the disk was full. It stays where it is.
type Torn struct {
	// Bytes is its length without the line break that was put behind it.
	Bytes int `json:"bytes"`
	// Hash is the SHA-256 of those bytes, in hexadecimal.
	Hash string `json:"hash"`
}

// longest bounds a text of an event, in bytes: what a request claims may be
// anything.
const longest = 255

// bound cuts what came from outside.
func (e *Event) bound() {
	for _, text := range []*string{&e.ClientID, &e.GrantID, &e.AuthorizationID, &e.Subject, &e.TokenID, &e.Method, &e.InteractionID, &e.Actor, &e.Participant, &e.Issuer} {
		if len(*text) > longest {
			*text = (*text)[:longest]
		}
	}
}
