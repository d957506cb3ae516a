package revocation

import (
	"context"
	"log/slog"
	"net/url"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/lru"
)

const (
	// freshness is how old an answer may get before it is asked for anew: how long
	// it takes at most until a revocation is noticed once it is published.
	freshness = 15 * time.Minute
	// pause is how long an address that gave no answer is left alone.
	pause = time.Minute
	// maxAnswers and maxBytes bound what is kept.
	maxAnswers = 1 << 17
	maxBytes   = 256 << 20
	// perAnswer and perSerial are what an answer and each serial in it take, about,
	// in bytes.
	perAnswer, perSerial = 512, 96
)

// statement is what an authority said, verified.
type statement struct {
	// revoked are serial numbers, big-endian.
	revoked map[string]struct{}
	// since and until it holds.
	since, until time.Time
}

// memory keeps what was said, by source.
type memory struct {
	get    Getter
	clock  clock.Clock
	log    *slog.Logger
	flight singleflight.Group

	mu      sync.Mutex // makes one step of reading and writing an entry
	entries *lru.Cache[string, entry]
}

// entry is what is known by one source.
type entry struct {
	// said is nil where there never was an answer.
	said *statement
	// next is when to ask again.
	next time.Time
}

func newMemory(get Getter, clk clock.Clock, log *slog.Logger) *memory {
	return &memory{get: get, clock: clk, log: log, entries: lru.New[string, entry](maxAnswers, maxBytes)}
}

// of is what a source says now, or nil. It waits only for one that was never
// asked; what is due is asked for in the background.
func (m *memory) of(ctx context.Context, s *source) *statement {
	now := m.clock.Now()
	known, ok, due := m.recall(s.key, now)
	switch {
	case !ok:
		select {
		case result := <-m.ask(ctx, s):
			known.said, _ = result.Val.(*statement)
		case <-ctx.Done():
			return nil
		}
	case due:
		m.ask(ctx, s)
	}
	if known.said == nil || !now.Before(known.said.until) {
		return nil
	}
	return known.said
}

// recall also claims the asking for the one caller that finds it due.
func (m *memory) recall(key string, now time.Time) (known entry, ok, due bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known, ok = m.entries.Get(key)
	if ok && !now.Before(known.next) {
		due = true
		m.keep(key, entry{known.said, now.Add(pause)})
	}
	return known, ok, due
}

// ask is one trip for all who wait for the same source. It goes on when they
// leave.
func (m *memory) ask(ctx context.Context, s *source) <-chan singleflight.Result {
	return m.flight.DoChan(s.key, func() (any, error) {
		said, err := s.load(context.WithoutCancel(ctx), m.get, m.clock.Now())
		if err != nil {
			m.log.WarnContext(ctx, "revocation status not learnt", "host", hostOf(s.address), "cause", err)
		}
		return m.learn(s.key, said), nil
	})
}

// learn keeps an answer, nil for none, and tells what is known now. An answer that
// is older than the one before is a replay, and not taken.
func (m *memory) learn(key string, said *statement) *statement {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	known, _ := m.entries.Get(key)
	if said == nil || known.said != nil && said.since.Before(known.said.since) {
		m.keep(key, entry{known.said, now.Add(pause)})
		return known.said
	}
	m.keep(key, entry{said, now.Add(min(freshness, said.until.Sub(now)/2))})
	return said
}

func (m *memory) keep(key string, e entry) {
	weight := perAnswer + len(key)
	if e.said != nil {
		weight += perSerial * len(e.said.revoked)
	}
	m.entries.Put(key, e, weight)
}

// load asks a source.
func (s *source) load(ctx context.Context, get Getter, now time.Time) (*statement, error) {
	if s.serial != nil {
		return s.loadOCSP(ctx, get, now)
	}
	document, err := get.Fetch(ctx, fetch.CRL, s.address, nil)
	if err != nil {
		return nil, err
	}
	return s.readList(document.Body, now)
}

// hostOf is what a log may hold of an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
