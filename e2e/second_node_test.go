//go:build e2e

package e2e

import (
	"net/http"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// TestTwoNodes: two gateways and two token services share their stores, so what
// the one has seen once the other does not take again (THR-6), and what the one
// hands out the other takes.
func TestTwoNodes(t *testing.T) {
	t.Parallel()
	s := processes.suite(t)
	c := s.Client(t, rig.DPoP)
	t.Run("BAD-139 a proof that the other node has seen", func(t *testing.T) {
		same := rig.ProofClaim("jti", oauth.NewID())
		c.Send(t, c.Credentials(same)).Is(t, http.StatusOK)
		c.Send(t, c.Credentials(same, rig.AtSecondNode)).Refused(t, http.StatusBadRequest, invalidProof)
		c.Send(t, c.Credentials(rig.AtSecondNode)).Is(t, http.StatusOK)
	})
	t.Run("BAD-139 a proof at both nodes at once, fifty times", func(t *testing.T) {
		same := rig.ProofClaim("jti", oauth.NewID())
		wantOneWinner(t, race(t, s, shared(func(changes ...rig.Change) *rig.Request {
			return c.Credentials(append(changes, same)...)
		})), http.StatusBadRequest, invalidProof)
	})
	t.Run("BAD-15 an assertion at both nodes at once, fifty times", func(t *testing.T) {
		same := sameAssertion(c)
		wantOneWinner(t, race(t, s, shared(func(changes ...rig.Change) *rig.Request {
			return c.Credentials(append(changes, same)...)
		})), http.StatusUnauthorized, invalidClient)
	})
	eachKind(t, kinds, func(t *testing.T, k kind) {
		f := k.client(t, s).Authorized(t)
		t.Run("BAD-102 a code at both nodes at once, fifty times", func(t *testing.T) {
			wantOneWinner(t, race(t, s, shared(f.TokenRequest)), http.StatusBadRequest, oauth.CodeInvalidGrant)
		})
	})
	t.Run("SP2-10 a nonce of the one node is good at the other", func(t *testing.T) {
		c := s.Client(t, rig.DPoP, rig.At(rig.Nonces))
		c.DPoPNonce = c.Send(t, c.Credentials()).Header.Get("DPoP-Nonce")
		c.Send(t, c.Credentials(rig.AtSecondNode)).Is(t, http.StatusOK)
	})
}

// shared are as many requests as race, one half for each node.
func shared(build func(...rig.Change) *rig.Request) []*rig.Request {
	var requests []*rig.Request
	for n := range racers {
		change := rig.All()
		if n%2 == 1 {
			change = rig.AtSecondNode
		}
		requests = append(requests, build(change))
	}
	return requests
}
