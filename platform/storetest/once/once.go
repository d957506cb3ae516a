// Package once is the contract of whatever may be used once, as tests that every
// store of such things must pass: codes, request_uris, sessions, and the ids of
// assertions and proofs.
//
//   - The first attempt spends; every other is refused, at whatever replica, until
//     the thing has expired.
//   - The attempt that spent may come again: its answer may have been lost.
//   - Wherever a connection is cut, before a command or behind it, at most one
//     attempt spends, and what was acknowledged stands.
//   - A store that has forgotten refuses what it cannot know to be unused, unless
//     SQL decides; and says the same as often as it is asked.
package once

import (
	"context"
	"testing"
	"time"
)

// Store is a store of things of one kind, as one replica has it.
type Store struct {
	// Keep writes what is to be spent. Nil where nothing need be there.
	Keep func(ctx context.Context, id string) error
	// Spend is true for the attempt that spends. An error says that it cannot be told.
	Spend func(ctx context.Context, s Spending) (bool, error)
	// Left tells whether a thing is there and unspent. Nil where nobody can ask.
	Left func(ctx context.Context, id string) (bool, error)
}

// Spending is one use.
type Spending struct {
	ID, Attempt string
	// Issued is when the thing was made.
	Issued time.Time
	// Life is how long it can be used.
	Life time.Duration
}

// Kind is how stores of a kind may differ.
type Kind struct {
	// NoRetry: the attempt that spent is refused too when it comes again.
	NoRetry bool
	// Elsewhere: what was spent is decided by SQL in the end, so that Redis may
	// forget it.
	Elsewhere bool
	// Lasting: it does not expire by itself.
	Lasting bool
}

// bench is a store under test.
type bench struct {
	Kind
	// replicas are two ways to it, as of two processes.
	replicas [2]Store
	// cut is a third, whose connections lead through lines; nil where there is no
	// network.
	cut   *Store
	lines *lines
	// advance lets time pass, as the store sees it.
	advance func(time.Duration)
}

const life = time.Hour

// timeout bounds one use.
const timeout = 10 * time.Second

func (b bench) run(t *testing.T) {
	t.Run("one attempt spends", b.oneAttempt)
	t.Run("100 racers", b.race)
	if !b.Lasting {
		t.Run("expiry", b.expiry)
	}
	if !b.Lasting && !b.Elsewhere {
		t.Run("before the store's memory", b.beforeMemory)
	}
	if b.cut != nil {
		t.Run("cut at every point", b.cuts)
		t.Run("cut while it is kept", b.cutKeeping)
		t.Run("lost replies", b.lostReplies)
	}
}

// keep lets a thing be there.
func (b bench) keep(t *testing.T, id string) {
	t.Helper()
	if b.replicas[0].Keep == nil {
		return
	}
	if err := b.replicas[0].Keep(t.Context(), id); err != nil {
		t.Fatal(err)
	}
}

// spend is by an honest client whose clock is a little ahead: of that no store in
// use is in doubt.
func spend(store Store, id, attempt string) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return store.Spend(ctx, Spending{ID: id, Attempt: attempt, Issued: time.Now().Add(time.Minute), Life: life})
}

// wants is spend with an answer that is known.
func (b bench) wants(t *testing.T, replica int, id, attempt string, want bool) {
	t.Helper()
	if used, err := spend(b.replicas[replica], id, attempt); used != want || err != nil {
		t.Errorf("%s by %q at replica %d: %t, %v; want %t", id, attempt, replica, used, err, want)
	}
}

// left asserts that a thing is there and unspent, or not, where one can ask.
func (b bench) left(t *testing.T, id string, want bool) {
	t.Helper()
	for n, replica := range b.replicas {
		if replica.Left == nil || want && replica.Keep == nil {
			continue
		}
		if left, err := replica.Left(t.Context(), id); left != want || err != nil {
			t.Errorf("%s at replica %d: unspent %t, %v", id, n, left, err)
		}
	}
}
