// Package store keeps the records of signing keys.
package store

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// State is where a key is in its life.
type State string

// The states of a key. Both are published.
const (
	// Active keys sign: one for each issuer, purpose and algorithm.
	Active State = "active"
	// Retired keys sign no more; what they signed still verifies.
	Retired State = "retired"
)

// Record is one key.
type Record struct {
	backend.Label
	State State
	// Created in milliseconds.
	Created time.Time
	// PublicJWK is the public half, JSON.
	PublicJWK []byte
	// Handle is what the key backend opens.
	Handle []byte
}

// Keys keeps records.
type Keys interface {
	// Add writes a record; where there is already an active key of the same
	// issuer, purpose and algorithm, or the kid is taken, it does nothing.
	Add(ctx context.Context, record Record) error
	// List answers all records of all issuers, oldest first.
	List(ctx context.Context) ([]Record, error)
}
