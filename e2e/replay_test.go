package e2e

import (
	"net/http"
	"sync"
	"testing"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// racers are how many try the same thing at the same time.
const racers = 50

// race sends requests at once and counts the answers by status and error code.
func race(t *testing.T, s *rig.Suite, requests []*rig.Request) map[int]map[string]int {
	t.Helper()
	var mu sync.Mutex
	count := map[int]map[string]int{}
	var group sync.WaitGroup
	start := make(chan struct{})
	for _, request := range requests {
		group.Go(func() {
			<-start
			answer := s.Send(t, request)
			mu.Lock()
			defer mu.Unlock()
			if count[answer.StatusCode] == nil {
				count[answer.StatusCode] = map[string]int{}
			}
			count[answer.StatusCode][answer.Text("error")]++
		})
	}
	close(start)
	group.Wait()
	return count
}

// wantOneWinner checks that one request of a race succeeded and all others were
// refused alike.
func wantOneWinner(t *testing.T, count map[int]map[string]int, status int, code string) {
	t.Helper()
	if count[http.StatusOK][""] != 1 || count[status][code] != racers-1 {
		t.Errorf("answers were %v, want one 200 and %d times %d %s", count, racers-1, status, code)
	}
}

// TestAssertionIsUsedOnce: an assertion that was seen once proves nothing any
// more, whoever saw it and wherever it is sent (BAD-15, PKJ-2: RFC 7523 §3).
func TestAssertionIsUsedOnce(t *testing.T) {
	t.Parallel()
	eachClient(t, asserting, func(t *testing.T, s *rig.Suite, k kind) {
		c := k.client(t, s)
		t.Run("BAD-15 one after the other", func(t *testing.T) {
			same := sameAssertion(c)
			c.Send(t, c.Credentials(same)).Is(t, http.StatusOK)
			c.Send(t, c.Credentials(same)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-15 at another endpoint", func(t *testing.T) {
			same := sameAssertion(c)
			c.Send(t, c.Flow().PushRequest(same)).Is(t, http.StatusCreated)
			c.Send(t, c.Credentials(same)).Refused(t, http.StatusUnauthorized, invalidClient)
			c.Send(t, c.Introspect("any", same)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-15 all at once", func(t *testing.T) {
			same, requests := sameAssertion(c), []*rig.Request{}
			for range racers {
				requests = append(requests, c.Credentials(same))
			}
			wantOneWinner(t, race(t, s, requests), http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-15 signed anew, with the same jti", func(t *testing.T) {
			same := rig.Claim("jti", oauth.NewID())
			c.Send(t, c.Credentials(same)).Is(t, http.StatusOK)
			c.Send(t, c.Credentials(same)).Refused(t, http.StatusUnauthorized, invalidClient)
		})
		t.Run("BAD-15 two clients may choose the same jti", func(t *testing.T) {
			same, other := rig.Claim("jti", oauth.NewID()), k.client(t, s)
			c.Send(t, c.Credentials(same)).Is(t, http.StatusOK)
			other.Send(t, other.Credentials(same)).Is(t, http.StatusOK)
		})
	})
}

// sameAssertion makes every request that it changes bring one and the same.
func sameAssertion(c *rig.Client) rig.Change { return rig.Asserting(c.Assertion().Text()) }

// TestCodeIsUsedOnce: a code buys tokens once; its second use tells of a leak, and
// ends what the first one bought (SP2-29: RFC 6749 §4.1.2).
func TestCodeIsUsedOnce(t *testing.T) {
	t.Parallel()
	eachClient(t, kinds, func(t *testing.T, s *rig.Suite, k kind) {
		t.Run("BAD-100 a second use is refused and revokes what the first one bought", func(t *testing.T) {
			f := k.client(t, s).Authorized(t)
			f.Exchange(t)
			if before := f.Send(t, f.Introspect(f.AccessToken)); before.JSON["active"] != true {
				t.Fatalf("introspection says %s", before.Body)
			}
			f.Send(t, f.TokenRequest()).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
			if after := f.Send(t, f.Introspect(f.AccessToken)).Is(t, http.StatusOK); string(after.Body) != `{"active":false}` {
				t.Errorf("introspection says %s", after.Body)
			}
			f.Send(t, f.Accounts(f.AccessToken)).Is(t, http.StatusUnauthorized)
			f.Send(t, f.Refresh(f.RefreshToken)).Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
		})
		t.Run("BAD-102 fifty uses at once: one wins", func(t *testing.T) {
			f := k.client(t, s).Authorized(t)
			var requests []*rig.Request
			for range racers {
				requests = append(requests, f.TokenRequest())
			}
			wantOneWinner(t, race(t, s, requests), http.StatusBadRequest, oauth.CodeInvalidGrant)
		})
	})
}
