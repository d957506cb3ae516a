package clientreg_test

import (
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	clientregv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/clientreg/v1"
)

// TestFromBeforeABirth: a store that has forgotten does not believe that a
// statement, or a signed body, was not used before; what is made anew passes
// (THR-6, BAD-153).
func TestFromBeforeABirth(t *testing.T) {
	for name, change := range map[string]func(*framework.Framework, *application){
		"a statement that comes once":       func(f *framework.Framework, a *application) { f.StatementOnce = true },
		"a body":                            func(f *framework.Framework, a *application) { f.StatementOnce = false },
		"a body that does not tell its age": func(f *framework.Framework, a *application) { f.StatementOnce = false; delete(a.members, "iat") },
	} {
		t.Run(name, func(t *testing.T) {
			eachSQL(t, func(t *testing.T, service *replica) {
				w := withFrameworks(t, service.db, service.redis, byStatement)
				f, ok := w.here.Framework("register-au")
				if !ok {
					t.Fatal("there is no such framework")
				}
				f.Duplicates = framework.Allow // or SQL would decide
				host := newKeyHost(t, string(keys()))
				registry := w.replica(host.fetching(t))
				a := w.application(cdr, host, func(a *application) { change(f, a) })
				text, signed := a.text()
				send := func() error {
					_, err := registry.gateway.Register(w.context(), &clientregv1.RegisterRequest{
						Call: w.call(w.here, oauth.NewID()), Metadata: text, Signed: signed, Certificates: a.chain})
					return err
				}
				if err := send(); err != nil {
					t.Fatal(err)
				}
				w.clock.Advance(time.Second)
				if err := w.redis.FlushDB(w.context()).Err(); err != nil {
					t.Fatal(err)
				}
				if err := w.redis.Remember(w.context(), "clientreg", w.clock.Now()); err != nil {
					t.Fatal(err)
				}
				wantRefusal(t, send(), oauth.CodeTemporarilyUnavailable, "", 503)
				w.clock.Advance(time.Second)
				if _, err := registry.apply(w.application(cdr, host, func(a *application) {
					if change(f, a); a.members["iat"] == nil {
						a.members["iat"] = w.clock.Now().Unix()
					}
				})); err != nil {
					t.Errorf("made anew: %v", err)
				}
			})
		})
	}
}
