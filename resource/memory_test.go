package resource

import (
	"strconv"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/binding"
)

type seconds int64

func (s *seconds) Now() time.Time { return time.Unix(int64(*s), 0) }

// TestDefaultReplaysHoldTheirLoad: 1,600 proofs a second, of clients whose clocks are as
// far ahead as they may be, find room for as long as each is remembered, and for longer.
func TestDefaultReplaysHoldTheirLoad(t *testing.T) {
	now := seconds(1772366400)
	proofs := newDPoP(Config{}, Deps{Replays: NewReplays(DefaultReplays, &now), Clock: &now})
	for second := range 240 {
		for n := range 1600 {
			issued := now.Now().Add(futureSkew)
			proof := &binding.Proof{ReplayID: strconv.Itoa(second*1600 + n), Issued: issued, Expires: issued.Add(proofAge + time.Second)}
			if err := proofs.burn(t.Context(), proof); err != nil {
				t.Fatalf("after %d seconds: %v", second, err)
			}
		}
		now++
	}
}
