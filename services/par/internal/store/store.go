// Package store keeps pushed authorization requests.
package store

import (
	"context"
	"time"
)

// Request is one pushed authorization request.
type Request struct {
	ClientID string            `json:"client_id"`
	Params   map[string]string `json:"params"`
	// Expires decides; the store's own expiry only keeps house.
	Expires time.Time `json:"expires"`
}

// Limit bounds how many requests one client may put in a minute.
type Limit struct {
	// Most is how many; 0 is without a limit.
	Most int
	// Minute counts minutes since 1970.
	Minute int64
}

// Requests keeps requests by issuer name and reference, the unguessable part of
// the request_uri. Errors are refusals: a store that cannot answer lets nothing
// through.
type Requests interface {
	// Put keeps a request for at least ttl. It is false, and nothing is kept,
	// where the client has met its limit: so a flood cannot fill the store.
	Put(ctx context.Context, issuer, reference string, request Request, ttl time.Duration, limit Limit) (bool, error)
	// Get answers a request that was put and not burnt.
	Get(ctx context.Context, issuer, reference string) (request Request, found bool, err error)
	// Burn marks a reference as used for ttl and removes its request. It is
	// true for the first attempt and for that attempt again, else false.
	Burn(ctx context.Context, issuer, reference, attempt string, ttl time.Duration) (bool, error)
}
