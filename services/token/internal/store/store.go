// Package store keeps under which authorization tokens were issued. Errors are
// refusals: a store that cannot answer lets nothing through.
package store

import (
	"context"
	"time"
)

// Authorization is one issuance under a grant: what one code bought.
type Authorization struct {
	ID       string
	GrantID  string
	ClientID string
	// Attempt is the one that spent the code.
	Attempt string
	Created time.Time
	// Expires is when nothing issued under it can be alive any more.
	Expires time.Time
	// Revoked tells that everything issued under it is dead.
	Revoked bool
}

// Authorizations keeps authorizations by issuer name and id.
type Authorizations interface {
	// Add writes an authorization. It is true for the attempt that wrote it,
	// also when it writes again, and false where another did first.
	Add(ctx context.Context, issuer string, authorization Authorization) (bool, error)
	// Get answers an authorization.
	Get(ctx context.Context, issuer, id string) (authorization Authorization, found bool, err error)
	// Revoke ends everything issued under an authorization.
	Revoke(ctx context.Context, issuer, id string, now time.Time) error
	// Sweep removes at most batch authorizations that expired before now and
	// answers how many.
	Sweep(ctx context.Context, now time.Time, batch int) (removed int, err error)
}
