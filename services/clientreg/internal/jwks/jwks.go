// Package jwks keeps the keys that clients publish at their jwks_uri (RFC 7591
// §2), fetched when they are first needed.
package jwks

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
)

const (
	// pause is how long a set that could not be fetched is not asked for again,
	// and the least time between two fetches for a key that is not there (BAD-19).
	pause = time.Minute
	// maxStale is how long keys outlive their time while their host is down.
	maxStale = time.Hour
	// maxCachedBytes bounds the sets in memory.
	maxCachedBytes = 128 << 20
	// overhead is what an address takes beyond its keys, in bytes, about.
	overhead = 512
)

// Getter is the way out; *fetch.Client is one.
type Getter interface {
	Get(ctx context.Context, address string) (fetch.Document, error)
}

// Source answers the key sets of jwks_uris.
type Source struct {
	get    Getter
	clock  clock.Clock
	log    *slog.Logger
	flight singleflight.Group

	mu   sync.Mutex // makes one step of reading and writing an entry
	sets *lru.Cache[string, entry]
}

// entry is what is known of one jwks_uri.
type entry struct {
	// keys are nil where there are none that would be accepted.
	keys *jose.KeySet
	// until is when to fetch again, usable until when the keys may be used
	// although that fails.
	until, usable time.Time
	// again is when a key that is not there may next be looked for.
	again time.Time
	// weight of the keys in memory, about, in bytes.
	weight int
}

// New makes a source that keeps at most capacity sets.
func New(get Getter, clk clock.Clock, log *slog.Logger, capacity int) *Source {
	return &Source{get: get, clock: clk, log: log, sets: lru.New[string, entry](capacity, maxCachedBytes)}
}

// Keys are the keys at an address; nil where there are none to be had, which is
// the client's own fault. Fresh tells that they were fetched just now. The error
// says that ctx ended before the host answered.
func (s *Source) Keys(ctx context.Context, address string) (keys *jose.KeySet, fresh bool, err error) {
	if known, ok := s.sets.Get(address); ok && s.clock.Now().Before(known.until) {
		return known.keys, false, nil
	}
	keys, err = s.fetch(ctx, address)
	return keys, true, err
}

// Again fetches the keys before their time, because one is not among them: the
// client may have published it since. Fetched is false where that was tried less
// than a minute ago.
func (s *Source) Again(ctx context.Context, address string) (keys *jose.KeySet, fetched bool, err error) {
	if !s.mayLookAgain(address) {
		return nil, false, nil
	}
	keys, err = s.fetch(ctx, address)
	return keys, true, err
}

func (s *Source) mayLookAgain(address string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	known, ok := s.sets.Get(address)
	if !ok || now.Before(known.again) {
		return false
	}
	known.again = now.Add(pause)
	s.keep(address, known)
	return true
}

// fetch is one trip for all who wait for the same address. It goes on when one of
// them leaves: the others, and the next ones, profit.
func (s *Source) fetch(ctx context.Context, address string) (*jose.KeySet, error) {
	trip := s.flight.DoChan(address, func() (any, error) {
		return s.load(context.WithoutCancel(ctx), address), nil
	})
	select {
	case <-ctx.Done():
		return nil, oauth.Unavailable(1).Because(errors.Join(errors.New("fetch jwks_uri"), ctx.Err()))
	case result := <-trip:
		return result.Val.(*jose.KeySet), result.Err
	}
}

// load fetches, and keeps what came of it.
func (s *Source) load(ctx context.Context, address string) *jose.KeySet {
	document, err := s.get.Get(ctx, address)
	var keys *jose.KeySet
	var refused []error
	if err == nil {
		keys, refused, err = jose.ParsePublishedKeySet(document.Body) // BAD-18: a weak key is none
	}
	if err != nil {
		s.log.InfoContext(ctx, "jwks_uri not fetched", "host", host(address), "cause", err)
		return s.withoutAnswer(address, err)
	}
	if len(refused) > 0 {
		s.log.InfoContext(ctx, "jwks_uri has keys that are not used", "host", host(address), "keys", len(refused), "cause", refused[0])
	}
	now := s.clock.Now()
	until := now.Add(lifetime(document.CacheControl))
	s.mu.Lock()
	defer s.mu.Unlock()
	known, _ := s.sets.Get(address)
	s.keep(address, entry{keys, until, until.Add(maxStale), known.again, 2 * len(document.Body)})
	return keys
}

// withoutAnswer goes on with the keys of before where the host is down, for a
// while, and with none where it answered what cannot be accepted.
func (s *Source) withoutAnswer(address string, why error) *jose.KeySet {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	known, _ := s.sets.Get(address)
	down := errors.Is(why, fetch.ErrUnreachable) || errors.Is(why, fetch.ErrBusy)
	if !down || !now.Before(known.usable) {
		known.keys, known.usable, known.weight = nil, time.Time{}, 0
	}
	if !errors.Is(why, fetch.ErrBusy) {
		known.until = now.Add(pause)
		s.keep(address, known)
	}
	return known.keys
}

// host is what a log may hold of an address.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

func (s *Source) keep(address string, e entry) {
	s.sets.Put(address, e, overhead+len(address)+e.weight)
}
