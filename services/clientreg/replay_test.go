package clientreg_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
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
// of its jti is gone, also by a replica whose clock is slow.
func TestMarkOutlivesAssertion(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica()
		client := service.register()
		assertion := w.assertion(client.ClientID, set("jti", "mark"))
		if _, err := service.authenticate(assertion); err != nil {
			t.Fatal(err)
		}
		keys, err := w.redis.Keys(w.context(), "clientreg:{"+w.here.Name+"/"+client.ClientID+"}:jti:*").Result()
		if err != nil || len(keys) != 1 {
			t.Fatalf("keys are %q, %v", keys, err)
		}
		ttl := w.redis.PTTL(w.context(), keys[0]).Val()
		tolerance := w.here.Rules().Limits.ClockTolerance
		if most := time.Minute + 2*tolerance; ttl > most || ttl < most-10*time.Second {
			t.Errorf("the mark stays for %s, the assertion for %s", ttl, time.Minute+tolerance)
		}
		w.clock.Advance(time.Minute + tolerance)
		_, err = service.authenticate(assertion)
		refusal, _ := oauth.AsError(err)
		if refusal == nil || refusal.Description != "client_assertion has no exp, or is expired" {
			t.Errorf("refused with %v", err)
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
