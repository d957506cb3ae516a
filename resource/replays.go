package resource

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// Replays remembers the DPoP proofs that were used. Replicas of an API must
// share one, or a proof can be used once at each (BAD-139).
type Replays interface {
	// Burn answers true to the first who brings an id, false to every other
	// until the given time. An error refuses the request: a store that is full
	// or cannot answer must never let a proof pass, nor forget one early; and one
	// that may have forgotten lets nothing pass that is older than its memory.
	Burn(ctx context.Context, use Use) (first bool, err error)
}

// Use is the use of a DPoP proof.
type Use struct {
	// ID is what is used once.
	ID string
	// Issued is the proof's iat, by the client's clock, which may be ahead of ours
	// by 30 seconds.
	Issued time.Time
	// Until is how long the id must be remembered.
	Until time.Time
}

// DefaultReplays is how many proofs are remembered in memory where Deps.Replays
// is left out: about 1,600 requests a second, in 35 MB.
const DefaultReplays = 350_000

// ErrReplaysFull says that no further proof can be remembered, so that none may
// pass (BAD-146).
var ErrReplaysFull = errors.New("resource: too many DPoP proofs to remember")

type proofHash [sha256.Size]byte

// memory is what one process remembers. Ids are kept by the second in which
// they may be forgotten, so that forgetting costs each id once.
type memory struct {
	most  int
	clock Clock

	mu    sync.Mutex
	held  map[proofHash]struct{}
	due   map[int64][]proofHash // by Unix second
	swept int64                 // the second in which due was last looked at
}

// NewReplays remembers proofs in this process, as many as most; beyond that it
// refuses new ones until old ones have expired. What was used before the process
// began it does not know. The clock may be nil for the system's.
func NewReplays(most int, clock Clock) Replays {
	if clock == nil {
		clock = systemClock{}
	}
	return &memory{most: most, clock: clock, held: map[proofHash]struct{}{}, due: map[int64][]proofHash{}}
}

// Burn keeps an id until the end of the second in which until falls.
func (m *memory) Burn(_ context.Context, use Use) (bool, error) {
	hash := proofHash(sha256.Sum256([]byte(use.ID)))
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sweep(m.clock.Now().Unix())
	if _, known := m.held[hash]; known {
		return false, nil
	}
	if len(m.held) >= m.most {
		return false, ErrReplaysFull
	}
	second := use.Until.Unix() + 1
	m.held[hash] = struct{}{}
	m.due[second] = append(m.due[second], hash)
	return true, nil
}

// sweep forgets what is due, once a second. There are as many seconds to look at
// as a proof lives.
func (m *memory) sweep(now int64) {
	if now == m.swept {
		return
	}
	m.swept = now
	for second, hashes := range m.due {
		if second > now {
			continue
		}
		for _, hash := range hashes {
			delete(m.held, hash)
		}
		delete(m.due, second)
	}
}
