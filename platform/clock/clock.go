// Package clock is time as a service sees it: its own, so that tests can move it.
package clock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Clock tells the time.
type Clock interface{ Now() time.Time }

// System is the machine's clock.
var System Clock = system{}

type system struct{}

func (system) Now() time.Time { return time.Now() }

// Shifted is the machine's clock, set forward; for tests of a whole suite, where
// a clock that stands still would stop what waits.
type Shifted struct{ ahead atomic.Int64 }

// Now is the machine's time and what it was set forward by.
func (s *Shifted) Now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// Advance sets the clock forward.
func (s *Shifted) Advance(d time.Duration) { s.ahead.Add(int64(d)) }

// Manual is a clock that moves only when told to; for tests.
type Manual struct {
	mu  sync.Mutex
	now time.Time
}

// NewManual starts a clock that stands still.
func NewManual(now time.Time) *Manual { return &Manual{now: now} }

// Now is where the clock stands.
func (m *Manual) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

// Advance moves the clock.
func (m *Manual) Advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}
