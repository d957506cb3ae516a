package clientreg_test

import (
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg"
)

// TestRegistrationsAreLimited is THR-11: per initial access token and issuer, by
// all replicas together.
func TestRegistrationsAreLimited(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		limited := func(c *clientreg.Config) { c.RegistrationsPerMinute = new(3) }
		one, two := w.replica(limited), w.replica(limited)
		try := func(r *replica, token, body string) error { _, err := r.tryRegister(token, body); return err }
		w.clock.Advance(15 * time.Second)
		for n, r := range []*replica{one, two, one} {
			if err := try(r, clientToken, document()); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
		}
		err := try(two, clientToken, document())
		wantRefusal(t, err, oauth.CodeInvalidRequest, "THR-11", 429)
		if refusal, _ := oauth.AsError(err); refusal.RetryAfter != 45 {
			t.Errorf("Retry-After is %d", refusal.RetryAfter)
		}
		if err := try(one, serverToken, document()); err != nil {
			t.Errorf("another token: %v", err)
		}
		wantRefusal(t, try(one, "wrong", document()), oauth.CodeInvalidToken, "DCR-2", 401)
		w.clock.Advance(45 * time.Second)
		for range 3 {
			wantRefusal(t, try(one, clientToken, "{}"), oauth.CodeInvalidClientMetadata, "PKJ-2", 400) // what is refused counts
		}
		wantRefusal(t, try(one, clientToken, document()), oauth.CodeInvalidRequest, "THR-11", 429)
		w.clock.Advance(time.Minute)
		if err := try(one, clientToken, document()); err != nil {
			t.Errorf("the next minute: %v", err)
		}
	})
}

func TestRegistrationsWithoutLimit(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		service := w.replica(func(c *clientreg.Config) { c.RegistrationsPerMinute = new(0) })
		if err := w.redis.Close(); err != nil {
			t.Fatal(err)
		}
		service.register() // asks nobody
	})
}
