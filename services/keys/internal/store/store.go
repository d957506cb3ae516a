// Package store keeps the records of keys.
package store

import (
	"context"
	"time"

	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

// Record is one key.
type Record struct {
	backend.Label
	// Generation counts the keys of one issuer, purpose and algorithm from 1.
	Generation int
	// Backend is the name of the one that made the key and opens it.
	Backend string
	// Created, Begins and Withdrawn have milliseconds.
	Created time.Time
	// Begins is when the key comes into use; it is published before.
	Begins time.Time
	// Withdrawn is when the key was found to be compromised; else zero.
	Withdrawn time.Time
	// Reason is why it was withdrawn, in the operator's words.
	Reason string
	// PublicJWK is the public half, JSON.
	PublicJWK []byte
	// Handle is what the backend opens; empty for a withdrawn key.
	Handle []byte
}

// Keys keeps records.
type Keys interface {
	// Add writes a record; where the generation or the kid is taken, it does
	// nothing and answers false.
	Add(ctx context.Context, record Record) (added bool, err error)
	// List answers all records of all issuers, by issuer, purpose, algorithm and
	// generation.
	List(ctx context.Context) ([]Record, error)
	// Advance makes a key begin earlier than planned. One that begins no later
	// anyway stays as it is.
	Advance(ctx context.Context, issuer, kid string, begins time.Time) error
	// Withdraw marks a key and forgets its handle. A second time does nothing.
	Withdraw(ctx context.Context, issuer, kid string, at time.Time, reason string) error
	// Remove forgets a record.
	Remove(ctx context.Context, issuer, kid string) error
}
