//go:build e2e

package e2e

import (
	"net/http"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/sandbox/layout"
)

// pushLimit is the lowered limit of the suite whose store fails, in pushes per
// minute.
const pushLimit = 20

// TestStoreFaults runs a suite on a Redis of its own, which is filled, frozen and
// killed: what was used once stays used, and nothing is answered 500.
func TestStoreFaults(t *testing.T) {
	t.Parallel()
	redis := rig.NewRedis(t)
	s := special(t, rig.Special{Redis: redis.URL, Configure: func(c *layout.Configs) {
		c.PAR.PAR.PushesPerMinute = new(pushLimit)
	}})
	eachKind(t, kinds[:2], func(t *testing.T, k kind) {
		believedAgain(t, s, k.client(t, s), oneNode)
		t.Run("BAD-67 a flood of pushes", func(t *testing.T) { pushFlood(t, s, redis, k) })
		storeFaults(t, s, redis, k, oneNode)
	})
}

// TestStoreFaultsAtTwoNodes is the same with every other request at another
// gateway, token service and client registry.
func TestStoreFaultsAtTwoNodes(t *testing.T) {
	t.Parallel()
	redis := rig.NewRedis(t)
	s := ownSuite(t, rig.Special{Redis: redis.URL}, rig.SpecialProcesses)
	eachKind(t, kinds[:2], func(t *testing.T, k kind) {
		believedAgain(t, s, k.client(t, s), twoNodes)
		storeFaults(t, s, redis, k, twoNodes)
	})
}

// nodes is where the n-th request goes.
type nodes func(n int) rig.Change

func oneNode(int) rig.Change { return rig.All() }

func twoNodes(n int) rig.Change {
	if n%2 == 1 {
		return rig.AtSecondNode
	}
	return rig.All()
}

func storeFaults(t *testing.T, s *rig.Suite, redis *rig.Redis, k kind, at nodes) {
	t.Run("BAD-198 killed while a code is redeemed", func(t *testing.T) { redeemKilled(t, s, redis, k, at) })
	t.Run("BAD-198 silent while a code is redeemed", func(t *testing.T) { redeemFrozen(t, s, redis, k, at) })
	t.Run("BAD-146 full", func(t *testing.T) { replayStoreFull(t, s, redis, k, at) })
}

// pushFlood: one client is kept to its limit, in what is answered and in what is
// stored; others do not feel it (PAR-4, THR-11).
func pushFlood(t *testing.T, s *rig.Suite, redis *rig.Redis, k kind) {
	const pushes = 300
	c, answers, before := k.client(t, s), map[int]int{}, redis.Count(t, "par:{fapi2/")
	for range pushes {
		answer := c.Send(t, c.Flow().PushRequest())
		answers[answer.StatusCode]++
		if answer.StatusCode == http.StatusTooManyRequests && answer.Header.Get("Retry-After") == "" {
			t.Error("429 without Retry-After")
		}
	}
	// The flood may last into a second and a third minute.
	if kept := answers[http.StatusCreated]; kept < pushLimit || kept > 3*pushLimit || kept+answers[http.StatusTooManyRequests] != pushes {
		t.Errorf("answers were %v", answers)
	}
	// Of each kept push the request and perhaps its proof, of each minute a count;
	// of a refused one, at the most the proof, for a minute.
	most := 3*pushLimit + 3
	if c.DPoPKey != nil {
		most += pushes
	}
	if kept := redis.Count(t, "par:{fapi2/") - before; kept > most {
		t.Errorf("the store keeps %d keys", kept)
	}
	k.client(t, s).Flow().Push(t)
}

// redeemKilled: a store that is gone lets nothing through, and spends nothing.
func redeemKilled(t *testing.T, s *rig.Suite, redis *rig.Redis, k kind, at nodes) {
	f := k.client(t, s).Authorized(t)
	redis.Kill(t)
	unavailable(t, f.Send(t, f.TokenRequest(at(0))))
	unavailable(t, f.Send(t, f.TokenRequest(at(1))))
	unavailable(t, f.Send(t, f.Flow().PushRequest()))
	redis.Start(t)
	believedAgain(t, s, f.Client, at)
	redeemsOnce(t, f, at)
}

// believedAgain waits until what is made now is believed, at each node: a store that
// was started anew can tell nothing of the second in which it was first looked at, and
// before; and a service that has seen it full or gone is ready again a moment later, as
// each of its callers learns for itself. Each kind waits by a client of its own, for what
// it brings may be proofs too.
func believedAgain(t *testing.T, s *rig.Suite, c *rig.Client, at nodes) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	again := func() {
		t.Helper()
		if time.Now().After(deadline) {
			t.Fatal("the store is not believed any more")
		}
		time.Sleep(100 * time.Millisecond)
	}
	wait := func(well int, request func() *rig.Request) {
		t.Helper()
		for answer := c.Send(t, request()); answer.StatusCode != well; answer = c.Send(t, request()) {
			unavailable(t, answer)
			again()
		}
	}
	wait(http.StatusCreated, func() *rig.Request { return c.Flow().PushRequest() })
	for n := range 2 {
		wait(http.StatusOK, func() *rig.Request { return c.Credentials(at(n)) })
		// As far as authorize, which knows no such code.
		wait(http.StatusBadRequest, func() *rig.Request { return c.Flow().TokenRequest(rig.Param(oauth.ParamCode, oauth.NewID()), at(n)) })
	}
	// From authorize to what it calls, as far as the bank's page.
	for {
		b := s.Browser(t)
		if b.Follow(t, b.Get(t, c.Flow().Push(t).URL())).StatusCode == http.StatusOK {
			return
		}
		again()
	}
}

// redeemFrozen: a store that reads the command late, when the client was told 503
// long ago, may have spent the code; it never gives it twice.
func redeemFrozen(t *testing.T, s *rig.Suite, redis *rig.Redis, k kind, at nodes) {
	f := k.client(t, s).Authorized(t)
	redis.Freeze(t)
	unavailable(t, f.Send(t, f.TokenRequest()))
	redis.Thaw(t)
	redeemsOnce(t, f, at)
}

// redeemsOnce races many requests for one code, of which one at most may win; and
// afterwards none does.
func redeemsOnce(t *testing.T, f *rig.Flow, at nodes) {
	t.Helper()
	won := 0
	for n := range 6 {
		switch answer := f.Send(t, f.TokenRequest(at(n))); answer.StatusCode {
		case http.StatusOK:
			won++
		case http.StatusBadRequest:
			answer.Refused(t, http.StatusBadRequest, oauth.CodeInvalidGrant)
		default:
			t.Errorf("answered %d: %s", answer.StatusCode, answer.Body)
		}
	}
	if won > 1 {
		t.Errorf("the code was redeemed %d times", won)
	}
}

// replayStoreFull: a store without room refuses what is new and forgets nothing
// that is old (THR-6).
func replayStoreFull(t *testing.T, s *rig.Suite, redis *rig.Redis, k kind, at nodes) {
	c := k.client(t, s)
	old := usedBefore(c)
	c.Send(t, c.Credentials(old)).Is(t, http.StatusOK)
	refusedOld := func(n int) *rig.Response { return c.Send(t, c.Credentials(old, at(n))) }
	redis.Room(t, 16<<10)
	defer redis.Room(t, 0)
	full := false
	for n := range 2000 { // a flood of distinct jti
		if answer := c.Send(t, c.Credentials(at(n))); answer.StatusCode != http.StatusOK {
			unavailable(t, answer)
			full = true
			break
		}
	}
	if !full {
		t.Fatal("the store never was full")
	}
	// What connections take for a moment must not make room again.
	redis.Room(t, -256<<10)
	for n := range 6 {
		unavailable(t, c.Send(t, c.Credentials(at(n))))
		if answer := refusedOld(n); answer.StatusCode == http.StatusOK {
			t.Error("what was used before was accepted again")
		}
	}
	redis.Room(t, 0)
	for n := range 2 {
		if answer := refusedOld(n); answer.StatusCode != http.StatusUnauthorized && answer.StatusCode != http.StatusBadRequest {
			t.Errorf("what was used before was answered %d: %s", answer.StatusCode, answer.Body)
		}
	}
	believedAgain(t, s, c, at)
}

// usedBefore is a proof that every request brings again, or, from a client that
// has none, an assertion.
func usedBefore(c *rig.Client) rig.Change {
	if c.DPoPKey == nil {
		return sameAssertion(c)
	}
	proof := c.Credentials().Proof.Text()
	return rig.ProofText(func(string) string { return proof })
}
