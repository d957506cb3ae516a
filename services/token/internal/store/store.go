// Package store keeps under which authorization tokens were issued, what was
// revoked, and opaque tokens. Errors are refusals: a store that cannot answer
// lets nothing through.
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
	Subject  string
	Scopes   []string
	// AuthTime is when the user authenticated, in unix seconds.
	AuthTime int64
	ACR      string
	AMR      []string
	// RefreshHash is of the refresh token; empty where there is none.
	RefreshHash string
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
	// ByRefresh answers the authorization of a refresh token.
	ByRefresh(ctx context.Context, issuer, refreshHash string) (authorization Authorization, found bool, err error)
	// Revoke ends everything issued under an authorization, also where it is
	// not there yet: a replay can overtake the attempt that it repeats, and
	// what that adds afterwards is revoked already.
	Revoke(ctx context.Context, issuer, id string, now time.Time) error
	// Sweep removes at most batch authorizations that expired before now and
	// answers how many.
	Sweep(ctx context.Context, now time.Time, batch int) (removed int, err error)
}

// Revocations keeps single access tokens that were revoked, by issuer name and
// jti.
type Revocations interface {
	// Add remembers a revoked token until it would have expired.
	Add(ctx context.Context, issuer, tokenID string, expires time.Time) error
	// Has tells whether a token was revoked.
	Has(ctx context.Context, issuer, tokenID string) (bool, error)
	// Sweep removes at most batch entries that expired before now and answers
	// how many.
	Sweep(ctx context.Context, now time.Time, batch int) (removed int, err error)
}

// Opaque keeps what opaque access tokens stand for, by issuer name and token.
type Opaque interface {
	// Put keeps a token's claims for ttl.
	Put(ctx context.Context, issuer, token string, claims []byte, ttl time.Duration) error
	// Get answers a token's claims.
	Get(ctx context.Context, issuer, token string) (claims []byte, found bool, err error)
}
