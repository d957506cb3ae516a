package resource_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/resource"
	"github.com/strongroom-fapi/strongroom/resource/replaytest"
)

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func TestReplaysInMemory(t *testing.T) {
	replaytest.Run(t, func(*testing.T) replaytest.Store {
		const most = 5000
		clock := &clock{now: time.Unix(1772366400, 5e8)}
		replays := resource.NewReplays(most, clock)
		return replaytest.Store{
			Replicas: [2]resource.Replays{replays, replays},
			Now:      clock.Now,
			Advance:  clock.advance,
			Fill: func(t *testing.T) {
				for n := range most - 1 {
					if _, err := replays.Burn(t.Context(), resource.Use{ID: "filling-" + strconv.Itoa(n), Until: clock.Now().Add(time.Minute)}); err != nil {
						t.Fatal(err)
					}
				}
			},
		}
	})
}

// TestReplaysFullAgain: there is room again as soon as proofs expire, and the
// refusal says what it is (BAD-146).
func TestReplaysFullAgain(t *testing.T) {
	clock := &clock{now: time.Unix(1772366400, 0)}
	replays := resource.NewReplays(2, clock)
	for n, life := range []time.Duration{time.Second, time.Minute} {
		if first, err := replays.Burn(t.Context(), resource.Use{ID: strconv.Itoa(n), Until: clock.Now().Add(life)}); !first || err != nil {
			t.Fatal(first, err)
		}
	}
	if _, err := replays.Burn(t.Context(), resource.Use{ID: "2", Until: clock.Now().Add(time.Minute)}); !errors.Is(err, resource.ErrReplaysFull) {
		t.Errorf("error is %v", err)
	}
	clock.advance(2 * time.Second)
	if first, err := replays.Burn(t.Context(), resource.Use{ID: "2", Until: clock.Now().Add(time.Minute)}); !first || err != nil {
		t.Errorf("after one expired: %t, %v", first, err)
	}
	if first, err := replays.Burn(t.Context(), resource.Use{ID: "1", Until: clock.Now().Add(time.Minute)}); first || err != nil {
		t.Errorf("one that lives: %t, %v", first, err)
	}
}

// BenchmarkReplays is the memory of one process with a steady load.
func BenchmarkReplays(b *testing.B) {
	clock := &clock{now: time.Unix(1772366400, 0)}
	replays := resource.NewReplays(resource.DefaultReplays, clock)
	for n := 0; b.Loop(); n++ {
		if n%1600 == 0 {
			clock.advance(time.Second)
		}
		if first, err := replays.Burn(b.Context(), resource.Use{ID: strconv.Itoa(n), Until: clock.Now().Add(211 * time.Second)}); !first || err != nil {
			b.Fatal(first, err)
		}
	}
}
