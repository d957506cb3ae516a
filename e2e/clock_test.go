package e2e

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// TestNodeClockAhead: a node whose clock is 90 seconds ahead judges by it and by
// the tolerance of the profile, no otherwise, and says that it is off (BAD-199,
// SP2-13).
func TestNodeClockAhead(t *testing.T) {
	t.Parallel()
	s := special(t, rig.Special{Ahead: 90 * time.Second})
	c, right := s.Client(t), time.Now().Unix() // by the clock of everybody else
	refuseAll(t, c, []bad{
		{"BAD-199", "exp is 60 s past by this clock, though good by the client's", rig.All(rig.Claims(right, "iat", "nbf"), rig.Claim("exp", right+30))},
		{"BAD-199", "iat is 61 s ahead of this clock", rig.Claim("iat", right+90+62)},
	})
	t.Run("BAD-199 exp is not past by this clock", func(t *testing.T) {
		c.Send(t, c.Credentials(rig.Claims(right, "iat", "nbf"), rig.Claim("exp", right+300))).Is(t, http.StatusOK)
	})
	t.Run("BAD-199 exp is past within the tolerance", func(t *testing.T) {
		c.Send(t, c.Credentials(rig.Claims(right, "iat", "nbf"), rig.Claim("exp", right+75))).Is(t, http.StatusOK)
	})
	t.Run("BAD-199 a proof that is good by the client's clock is too old", func(t *testing.T) {
		c := s.Client(t, rig.DPoP)
		c.Send(t, c.Credentials(rig.ProofClaim("iat", right-10))).Refused(t, http.StatusBadRequest, invalidProof)
	})
	t.Run("BAD-199 the log has an alarm", func(t *testing.T) {
		if !bytes.Contains(s.Log.Bytes(), []byte(`"level":"ERROR","msg":"clock differs from the store's"`)) {
			t.Error("nothing says that the clock is off")
		}
	})
}
