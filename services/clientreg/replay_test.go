package clientreg_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// TestAssertionIsUsedOnce is BAD-15.
func TestAssertionIsUsedOnce(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service, second := w.replica(), w.replica()
		client, other := service.register(), service.register()
		use := func(assertion string) error { _, err := service.authenticate(assertion); return err }

		t.Run("again in another attempt is refused", func(t *testing.T) {
			assertion := w.assertion(client.ClientID)
			if err := use(assertion); err != nil {
				t.Fatal(err)
			}
			wantRefusal(t, use(assertion), oauth.CodeInvalidClient, "PKJ-2", 401)
		})
		t.Run("again at another endpoint and replica is refused", func(t *testing.T) {
			assertion := w.assertion(client.ClientID)
			if err := use(assertion); err != nil {
				t.Fatal(err)
			}
			_, err := second.token.Authenticate(w.context(), &clientregv1.AuthenticateRequest{Call: w.call(w.here, oauth.NewID()), Credentials: bearing(assertion)})
			wantRefusal(t, err, oauth.CodeInvalidClient, "PKJ-2", 401)
		})
		t.Run("another assertion with the same jti is refused", func(t *testing.T) {
			if err := use(w.assertion(client.ClientID, set("jti", "same"))); err != nil {
				t.Fatal(err)
			}
			wantRefusal(t, use(w.assertion(client.ClientID, set("jti", "same"), set("exp", now.Unix()+90))), oauth.CodeInvalidClient, "PKJ-2", 401)
		})
		t.Run("another client's jti of the same value is another", func(t *testing.T) {
			for _, id := range []string{client.ClientID, other.ClientID} {
				if err := use(w.assertion(id, set("jti", "shared"))); err != nil {
					t.Fatal(err)
				}
			}
		})
		t.Run("the same attempt may be sent again after a lost reply", func(t *testing.T) {
			assertion, attempt := w.assertion(client.ClientID), oauth.NewID()
			for range 3 {
				if _, err := service.attempt(attempt, assertion); err != nil {
					t.Fatal(err)
				}
			}
		})
		t.Run("a refused assertion has used up nothing", func(t *testing.T) {
			jti := oauth.NewID()
			if err := use(w.assertion(client.ClientID, set("jti", jti), set("aud", "https://other.example"))); err == nil {
				t.Fatal("accepted")
			}
			if err := use(w.assertion(client.ClientID, set("jti", jti))); err != nil {
				t.Fatal(err)
			}
		})
	})
}

// TestMarkOutlivesAssertion: an assertion is refused for its age before the mark
// of its jti is gone, also where the clock of the replica that burnt it, or of the
// one that sees it again, is off by 90 seconds (BAD-199).
func TestMarkOutlivesAssertion(t *testing.T) {
	for name, off := range map[string]struct{ burns, sees time.Duration }{
		"clocks agree":                {},
		"the one that burns is ahead": {burns: 90 * time.Second},
		"the one that sees is behind": {sees: -90 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			eachWorld(t, func(t *testing.T, w *world) {
				right := w.clock
				w.clock = clock.NewManual(right.Now().Add(off.burns))
				burns := w.replica()
				client := burns.register()
				assertion := w.assertion(client.ClientID, set("jti", "mark"), set("iat", right.Now().Unix()), set("exp", right.Now().Add(4*time.Minute).Unix()))
				if _, err := burns.authenticate(assertion); err != nil {
					t.Fatal(err)
				}
				gone := right.Now().Add(w.ttlOfMark(client.ClientID))
				w.clock = clock.NewManual(gone.Add(off.sees))
				_, err := w.replica().authenticate(assertion)
				refusal, _ := oauth.AsError(err)
				if refusal == nil || refusal.Description != "client_assertion has no exp, or is expired" {
					t.Errorf("when the mark is gone the assertion is answered: %v", err)
				}
			})
		})
	}
}

// ttlOfMark is how long the one mark of a client's assertions is kept.
func (w *world) ttlOfMark(clientID string) time.Duration {
	w.t.Helper()
	keys, err := w.redis.Keys(w.context(), "clientreg:{"+w.here.Name+"/"+clientID+"}:jti:*").Result()
	if err != nil || len(keys) != 1 {
		w.t.Fatalf("keys are %q, %v", keys, err)
	}
	return w.redis.PTTL(w.context(), keys[0]).Val()
}

// TestMarkDoesNotLinger: a mark is kept no longer than need be.
func TestMarkDoesNotLinger(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		assertion := w.assertion(client.ClientID, set("jti", "mark"))
		if _, err := service.authenticate(assertion); err != nil {
			t.Fatal(err)
		}
		most := time.Minute + w.here.Rules().Limits.ClockTolerance + redisconn.ClocksApart
		if ttl := w.ttlOfMark(client.ClientID); ttl > most || ttl < most-10*time.Second {
			t.Errorf("the mark stays for %s, the assertion for a minute", ttl)
		}
	})
}

func TestFiftyRacersOnOneAssertion(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		replicas := []*replica{w.replica(), w.replica()}
		client := replicas[0].register()
		assertion := w.assertion(client.ClientID)
		var won, refused atomic.Int32
		var racers sync.WaitGroup
		for n := range 50 {
			service, ctx := replicas[n%2], w.context()
			racers.Go(func() {
				call := service.par.Authenticate
				if n%3 == 0 {
					call = service.token.Authenticate
				}
				_, err := call(ctx, &clientregv1.AuthenticateRequest{Call: w.call(w.here, oauth.NewID()), Credentials: bearing(assertion)})
				if err == nil {
					won.Add(1)
				} else if refusal, ok := oauth.AsError(err); ok && refusal.Code == oauth.CodeInvalidClient {
					refused.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		racers.Wait()
		if won.Load() != 1 || refused.Load() != 49 {
			t.Errorf("%d won, %d were refused", won.Load(), refused.Load())
		}
	})
}
