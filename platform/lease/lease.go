// Package lease lets one replica at a time do what need be done once: rotating
// keys, sweeping tables. It is a row with a holder and an expiry in the service's
// own database, PostgreSQL or SQLite. A lease saves work and never guards a truth:
// a replica that stalls past its expiry may overlap with the next holder, so what
// is done under a lease must also be right when two do it.
package lease

import (
	"context"
	"database/sql"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// A service that takes leases has this table, by a migration of its own:
//
//	CREATE TABLE lease (
//	    name       TEXT   NOT NULL PRIMARY KEY, -- what is done under it
//	    holder     TEXT   NOT NULL,             -- random id of a replica
//	    expires_at BIGINT NOT NULL              -- Unix time in milliseconds
//	);

// Lease is one replica's claim to one name.
type Lease struct {
	db     *sql.DB
	name   string
	holder string
	life   time.Duration
	clock  clock.Clock
	// may is asked before the lease is taken; nil where everybody may.
	may func(context.Context) error
	// until is when what we hold expires, in Unix milliseconds; 0 where we hold nothing.
	until atomic.Int64
}

// New makes a claim that nobody has raised yet. A held lease lasts for life after
// it was last taken, by the replicas' own clocks: longer than they differ.
func New(db *sql.DB, name string, life time.Duration, clk clock.Clock) *Lease {
	return &Lease{db: db, name: name, holder: oauth.NewID(), life: life, clock: clk}
}

// If lets the lease be taken only where may has no objection: by a replica whose clock is
// right, for one.
func (l *Lease) If(may func(context.Context) error) *Lease {
	l.may = may
	return l
}

// Take takes the lease, or takes it anew where we hold it already. It answers
// false where another replica holds it.
func (l *Lease) Take(ctx context.Context) (held bool, err error) {
	if l.may != nil {
		if err := l.may(ctx); err != nil {
			return false, fmt.Errorf("take lease %s: %w", l.name, err)
		}
	}
	now := l.clock.Now()
	until := now.Add(l.life).UnixMilli()
	result, err := l.db.ExecContext(ctx, `
		INSERT INTO lease (name, holder, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
		WHERE lease.holder = excluded.holder OR lease.expires_at <= $4`,
		l.name, l.holder, until, now.UnixMilli())
	if err != nil {
		return false, fmt.Errorf("take lease %s: %w", l.name, err)
	}
	changed, err := result.RowsAffected()
	if changed != 1 || err != nil {
		until = 0
	}
	l.until.Store(until)
	return changed == 1, err
}

// Held tells whether we hold the lease, without asking the database: since it was last
// taken and until it expires.
func (l *Lease) Held() bool { return l.clock.Now().UnixMilli() < l.until.Load() }

// Release gives the lease back before it expires, if we hold it.
func (l *Lease) Release(ctx context.Context) error {
	if _, err := l.db.ExecContext(ctx, `DELETE FROM lease WHERE name = $1 AND holder = $2`, l.name, l.holder); err != nil {
		return fmt.Errorf("release lease %s: %w", l.name, err)
	}
	l.until.Store(0)
	return nil
}

// Do takes the lease and does the work, whose context ends with the lease. Where
// another replica holds it, nothing is done and done is false. The lease is kept
// afterwards, so that the same replica goes on.
func (l *Lease) Do(ctx context.Context, work func(context.Context) error) (done bool, err error) {
	held, err := l.Take(ctx)
	if err != nil || !held {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, l.life)
	defer cancel()
	return true, work(ctx)
}
