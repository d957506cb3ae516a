package keys

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// serviceAt is a service whose clock the test moves.
func serviceAt(t *testing.T, db *sql.DB, set *issuer.Set) (*clock.Manual, *Service) {
	t.Helper()
	clk := clock.NewManual(start)
	service, err := New(t.Context(), configWith("k"), depsAt(db, set, clk))
	if err != nil {
		t.Fatal(err)
	}
	return clk, service
}

// again is what Run does at intervals.
func again(t *testing.T, services ...*Service) {
	t.Helper()
	for range 2 { // so that all have read what the last one wrote
		for _, s := range services {
			if err := s.Tend(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// states is the life of an issuer's keys for access tokens, oldest first.
func states(t *testing.T, s *Service) string {
	t.Helper()
	described, err := s.List(t.Context(), Selection{Issuer: "bank", Purpose: "access_token"})
	if err != nil {
		t.Fatal(err)
	}
	var states []string
	for _, d := range described {
		states = append(states, string(d.State))
	}
	return strings.Join(states, " ")
}

// TestSchedule is CRY-8 over three months: a key is published an hour before it
// signs, signs for 90 days, and stays published for a day after that.
func TestSchedule(t *testing.T) {
	const every, lead, retain = 90 * 24 * time.Hour, time.Hour, 24 * time.Hour
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.ES256))
		clk, service := serviceAt(t, db, set)
		suite := suiteOf(service, set)
		first := suite.signed(t, "bank", accessToken, jose.ES256)
		for _, step := range []struct {
			at           time.Duration
			states       string
			signs, knows bool // with the first key, and the first key
		}{
			{every - lead - time.Second, "active", true, true},
			{every - lead, "active next", true, true},
			{every - time.Second, "active next", true, true},
			{every, "retired active", false, true},
			{every + retain - time.Second, "retired active", false, true},
			{every + retain, "active", false, false},
		} {
			clk.Advance(start.Add(step.at).Sub(clk.Now()))
			// What time alone decides holds also before the records are read again.
			if signed := suite.signed(t, "bank", accessToken, jose.ES256); (signed.Header.KeyID == first.Header.KeyID) != step.signs {
				t.Errorf("after %s the first key signs: %t", step.at, !step.signs)
			}
			again(t, service)
			if got := states(t, service); got != step.states {
				t.Errorf("after %s the states are %q, want %q", step.at, got, step.states)
			}
			if known := first.Verify(suite.keySet(t, "bank"), jose.ES256) == nil; known != step.knows {
				t.Errorf("after %s the first key is published: %t", step.at, known)
			}
		}
	})
}

// TestReplicasRotateOnce: of many replicas one makes the next key, and all publish
// and use the same.
func TestReplicasRotateOnce(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := setOf(t, issuerOf("bank", jose.ES256, jose.ES256))
		clk, first := serviceAt(t, db, set)
		replicas := []*Service{first}
		for range 3 {
			replica, err := New(t.Context(), configWith("k"), depsAt(db, set, clk))
			if err != nil {
				t.Fatal(err)
			}
			replicas = append(replicas, replica)
		}
		clk.Advance(first.rotation.Every - time.Minute)
		again(t, replicas...)
		for _, r := range replicas {
			if got := states(t, r); got != "active next" {
				t.Errorf("states are %q", got)
			}
		}
		clk.Advance(time.Hour)
		kid := suiteOf(first, set).signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		for _, r := range replicas {
			if got := suiteOf(r, set).signed(t, "bank", accessToken, jose.ES256).Header.KeyID; got != kid {
				t.Errorf("one signs with %s, another with %s", kid, got)
			}
		}
	})
}

// TestRotateByCommand: by default after the lead time, with now at once; a key that
// waits is not doubled.
func TestRotateByCommand(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		clk, service := serviceAt(t, db, set)
		suite := suiteOf(service, set)
		before := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		only := Selection{Issuer: "bank", Purpose: "access_token"}
		for range 3 {
			if err := service.Rotate(t.Context(), only, false); err != nil {
				t.Fatal(err)
			}
		}
		if got := states(t, service); got != "active next" {
			t.Errorf("states are %q", got)
		}
		if described, err := service.List(t.Context(), Selection{}); err != nil || len(described) != 5 {
			t.Errorf("other keys were rotated too: %d keys, %v", len(described), err)
		}
		if now := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID; now != before {
			t.Error("the next key signs before its time")
		}
		clk.Advance(time.Hour)
		after := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		if after == before {
			t.Error("the next key does not sign after the lead time")
		}
		if err := service.Rotate(t.Context(), only, true); err != nil {
			t.Fatal(err)
		}
		if now := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID; now == after {
			t.Error("rotated now, and the older key signs")
		}
		if err := service.Rotate(t.Context(), Selection{Issuer: "nobody"}, false); !errors.Is(err, ErrNoKey) {
			t.Errorf("an issuer that is not there: %v", err)
		}
	})
}

// TestRotationIsBounded: nobody fills the JWK set until readers give up on it.
func TestRotationIsBounded(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		_, service := serviceAt(t, db, set)
		var err error
		for n := 0; n < 100 && err == nil; n++ {
			err = service.Rotate(t.Context(), Selection{Issuer: "bank", Purpose: "access_token"}, true)
		}
		if err == nil || !strings.Contains(err.Error(), "wait") {
			t.Errorf("got %v", err)
		}
		if _, err := jose.ParseKeySet([]byte(suiteOf(service, set).jwks(t, "bank"))); err != nil {
			t.Error(err)
		}
	})
}

// TestWithdraw: a compromised key signs no more, its successor signs at once, what it
// signed is refused by everybody who reads the set, and its private half is gone.
func TestWithdraw(t *testing.T) {
	for name, prepare := range map[string]func(*testing.T, *Service){
		"a key without a successor": func(*testing.T, *Service) {},
		"a key whose successor waits already": func(t *testing.T, s *Service) {
			t.Helper()
			if err := s.Rotate(t.Context(), Selection{}, false); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
				set := quick(t)
				clk, service := serviceAt(t, db, set)
				suite := suiteOf(service, set)
				stolen := suite.signed(t, "bank", accessToken, jose.ES256)
				prepare(t, service)
				if err := service.Withdraw(t.Context(), "bank", stolen.Header.KeyID, "found in a backup"); err != nil {
					t.Fatal(err)
				}
				after := suite.signed(t, "bank", accessToken, jose.ES256)
				if err := after.Verify(suite.keySet(t, "bank"), jose.ES256); err != nil || after.Header.KeyID == stolen.Header.KeyID {
					t.Errorf("signed after by %s: %v", after.Header.KeyID, err)
				}
				if err := stolen.Verify(suite.keySet(t, "bank"), jose.ES256); !errors.Is(err, jose.ErrKey) {
					t.Errorf("what was signed before: %v", err)
				}
				if got := states(t, service); got != "withdrawn active" {
					t.Errorf("states are %q", got)
				}
				var handle []byte
				if err := db.QueryRowContext(t.Context(), `SELECT handle FROM issuer_key WHERE kid = $1`, stolen.Header.KeyID).Scan(&handle); err != nil || len(handle) != 0 {
					t.Errorf("the private half is still there: %d bytes, %v", len(handle), err)
				}
				// It does not come back when its successor retires.
				clk.Advance(service.rotation.Every + time.Hour)
				again(t, service)
				again(t, service)
				if kid := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID; kid == stolen.Header.KeyID {
					t.Error("the withdrawn key signs again")
				}
			})
		})
	}
}

// TestWithdrawTheNextKey: the key in use stays so, and another one is announced.
func TestWithdrawTheNextKey(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		clk, service := serviceAt(t, db, set)
		suite := suiteOf(service, set)
		inUse := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		if err := service.Rotate(t.Context(), Selection{}, false); err != nil {
			t.Fatal(err)
		}
		described, err := service.List(t.Context(), Selection{Issuer: "bank", Purpose: "access_token"})
		if err != nil {
			t.Fatal(err)
		}
		next := described[slices.IndexFunc(described, func(d Description) bool { return d.State == Next })]
		if err := service.Withdraw(t.Context(), "bank", next.KeyID, "seen on a screen"); err != nil {
			t.Fatal(err)
		}
		if got := states(t, service); got != "active withdrawn next" {
			t.Errorf("states are %q", got)
		}
		if kid := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID; kid != inUse {
			t.Error("another key signs")
		}
		clk.Advance(2 * time.Hour)
		again(t, service)
		if got := states(t, service); got != "retired withdrawn active" {
			t.Errorf("two hours later states are %q", got)
		}
	})
}

// TestFlippedBit: a service does not start with a record that was changed, and says what
// to do; an operator's command ends the key, and then it starts.
func TestFlippedBit(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		spoilt := suiteOf(newService(t, db, set), set).signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		var handle []byte
		if err := db.QueryRowContext(t.Context(), `SELECT handle FROM issuer_key WHERE kid = $1`, spoilt).Scan(&handle); err != nil {
			t.Fatal(err)
		}
		handle[len(handle)/2] ^= 1
		exec(t, db, `UPDATE issuer_key SET handle = $1 WHERE kid = $2`, handle, spoilt)
		_, err := New(t.Context(), configWith("k"), depsOf(db, set))
		if err == nil || !strings.Contains(err.Error(), spoilt) || !strings.Contains(err.Error(), "strongroom-keys withdraw") {
			t.Fatalf("got %v", err)
		}
		deps := depsOf(db, set)
		deps.Operator = true
		operated, err := New(t.Context(), configWith("k"), deps)
		if err != nil {
			t.Fatal(err)
		}
		if err := operated.Withdraw(t.Context(), "bank", spoilt, "a disk failed"); err != nil {
			t.Fatal(err)
		}
		if kid := suiteOf(newService(t, db, set), set).signed(t, "bank", accessToken, jose.ES256).Header.KeyID; kid == spoilt {
			t.Error("the spoilt key signs")
		}
	})
}

func TestWithdrawRefuses(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set := quick(t)
		_, service := serviceAt(t, db, set)
		suite := suiteOf(service, set)
		kid := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		for _, row := range [][2]string{{"other", kid}, {"bank", "nobody"}, {"nobody", kid}} {
			if err := service.Withdraw(t.Context(), row[0], row[1], "test"); !errors.Is(err, ErrNoKey) {
				t.Errorf("%v: %v", row, err)
			}
		}
		if now := suite.signed(t, "bank", accessToken, jose.ES256).Header.KeyID; now != kid {
			t.Error("and yet the key was withdrawn")
		}
	})
}

var errOff = errors.New("the clock is off")

// besideClockOff is a service whose clock is right, with a next key, and what another
// needs which is told that its clock, clk, is off.
func besideClockOff(t *testing.T, db *sql.DB) (set *issuer.Set, right *Service, clk *clock.Manual, deps Deps) {
	t.Helper()
	set = setOf(t, issuerOf("bank", jose.ES256, jose.ES256))
	_, right = serviceAt(t, db, set)
	if err := right.Rotate(t.Context(), Selection{}, false); err != nil {
		t.Fatal(err)
	}
	clk = clock.NewManual(start)
	deps = depsAt(db, set, clk)
	deps.SameTime = func(context.Context) error { return errOff }
	return set, right, clk, deps
}

// TestWrongClockMovesNoKey: who is told that the clock is off neither publishes a next
// key nor destroys a retired one, which other replicas still need.
func TestWrongClockMovesNoKey(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set, right, clk, deps := besideClockOff(t, db)
		wrong, err := New(t.Context(), configWith("k"), deps)
		if err != nil {
			t.Fatal(err)
		}
		clk.Advance(365 * 24 * time.Hour)
		if err := wrong.Tend(t.Context()); !errors.Is(err, errOff) {
			t.Errorf("it said %v", err)
		}
		if err := wrong.Rotate(t.Context(), Selection{}, true); !errors.Is(err, errOff) {
			t.Errorf("to an operator who rotates it said %v", err)
		}
		active := suiteOf(right, set).signed(t, "bank", accessToken, jose.ES256).Header.KeyID
		if err := wrong.Withdraw(t.Context(), "bank", active, "test"); !errors.Is(err, errOff) {
			t.Errorf("to an operator who withdraws it said %v", err)
		}
		if got := states(t, right); got != "active next" {
			t.Errorf("the keys are %s", got)
		}
	})
}

// TestSlowClockBringsNoKeyForward: who is told that the clock is off leaves the next key
// where it is, though by that clock no key has begun, and makes none.
func TestSlowClockBringsNoKeyForward(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		set, right, clk, deps := besideClockOff(t, db)
		running, err := New(t.Context(), configWith("k"), deps)
		if err != nil {
			t.Fatal(err)
		}
		clk.Advance(-30 * 24 * time.Hour)
		if err := running.Tend(t.Context()); !errors.Is(err, errOff) {
			t.Errorf("it said %v", err)
		}
		_, err = suiteOf(running, set).sign(t, rpc.Token, "bank", accessToken, "ES256", `{"sub":"alice"}`)
		if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != http.StatusServiceUnavailable {
			t.Errorf("who asks for a signature is told %v", err)
		}
		if _, err := New(t.Context(), configWith("k"), deps); !errors.Is(err, errOff) {
			t.Errorf("at its start it said %v", err)
		}
		again(t, right)
		if got := states(t, right); got != "active next" {
			t.Errorf("the keys are %s", got)
		}
	})
}
