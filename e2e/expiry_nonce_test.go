package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestNonceExpires, as the tests of expiry_test.go, alone: a nonce tells that a
// proof is fresh, so it is good for minutes only (DPOP-6: RFC 9449 §8).
func TestNonceExpires(t *testing.T) {
	s := oneProcess.suite(t)
	c := s.Client(t, rig.DPoP, rig.At(rig.Nonces))
	c.DPoPNonce = c.Send(t, c.Flow().PushRequest()).Header.Get("DPoP-Nonce")
	f := c.Authorized(t)
	f.Exchange(t)
	s.Clock.Advance(11 * time.Minute)
	stale := f.Send(t, f.Refresh(f.RefreshToken))
	t.Run("BAD-140 a stale nonce", func(t *testing.T) { wantNonce(t, stale) })
	t.Run("BAD-140 the next one is good", func(t *testing.T) {
		f.DPoPNonce = stale.Header.Get("DPoP-Nonce")
		f.Send(t, f.Refresh(f.RefreshToken)).Is(t, http.StatusOK)
	})
}
