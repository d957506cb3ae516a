package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

var created = time.Date(2026, 3, 1, 12, 0, 0, int(7*time.Millisecond), time.UTC).Local()

func authorization(id string) Authorization {
	return Authorization{
		ID: id, GrantID: "grant-1", ClientID: "client-1", Subject: "alice", Scopes: []string{"openid", "accounts"},
		AuthTime: 1772366400, ACR: "sca", AMR: []string{"pwd", "otp"}, RefreshHash: "refresh of " + id,
		Attempt: "attempt-1", Created: created, Expires: created.Add(time.Hour),
	}
}

func TestAuthorizations(t *testing.T) {
	for name, rule := range authorizationContract {
		t.Run(name, func(t *testing.T) {
			storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) { rule(t, NewAuthorizations(db)) })
		})
	}
}

// authorizationContract is what every store of authorizations must hold to; each
// rule gets an empty one.
var authorizationContract = map[string]func(*testing.T, Authorizations){
	"an authorization comes back as it was written": func(t *testing.T, a Authorizations) {
		add(t, a, "bank", authorization("1"))
		want := authorization("1")
		want.RefreshHash = "" // the store's own
		if got, found := get(t, a, "bank", "1"); !found || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %t, want %+v", got, found, want)
		}
		if got, found := byRefresh(t, a, "bank", "refresh of 1"); !found || !reflect.DeepEqual(got, want) {
			t.Errorf("by its refresh token: %+v, %t", got, found)
		}
		if _, found := get(t, a, "bank", "2"); found {
			t.Error("an authorization that was not written is found")
		}
	},
	"the attempt that wrote it writes again after a lost reply": func(t *testing.T, a Authorizations) {
		add(t, a, "bank", authorization("1"))
		again := authorization("1")
		again.RefreshHash = "the second refresh token"
		if !add(t, a, "bank", again) {
			t.Error("it is refused")
		}
		if _, found := byRefresh(t, a, "bank", "refresh of 1"); found {
			t.Error("the lost refresh token lives")
		}
		if _, found := byRefresh(t, a, "bank", "the second refresh token"); !found {
			t.Error("the new refresh token is unknown")
		}
	},
	"another attempt is refused, and changes nothing": func(t *testing.T, a Authorizations) {
		add(t, a, "bank", authorization("1"))
		second := authorization("1")
		second.Attempt, second.RefreshHash, second.Subject = "attempt-2", "stolen", "mallory"
		if add(t, a, "bank", second) {
			t.Error("it is let through")
		}
		if got, _ := get(t, a, "bank", "1"); got.Subject != "alice" || got.Attempt != "attempt-1" {
			t.Errorf("%+v", got)
		}
		if _, found := byRefresh(t, a, "bank", "stolen"); found {
			t.Error("its refresh token lives")
		}
		if _, found := byRefresh(t, a, "bank", "refresh of 1"); !found {
			t.Error("the first one's refresh token is gone")
		}
	},
	"of 100 attempts at once one writes (BAD-102)": func(t *testing.T, a Authorizations) {
		var won atomic.Int32
		var group sync.WaitGroup
		for n := range 100 {
			group.Go(func() {
				one := authorization("1")
				one.Attempt, one.RefreshHash = fmt.Sprint(n), fmt.Sprint(n)
				ours, err := a.Add(context.Background(), "bank", one)
				if err != nil {
					t.Error(err)
				}
				if ours {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d did", won.Load())
		}
	},
	"any number of authorizations have no refresh token, and none is found by an empty one": func(t *testing.T, a Authorizations) {
		for _, id := range []string{"1", "2"} {
			one := authorization(id)
			one.RefreshHash = ""
			add(t, a, "bank", one)
		}
		if _, found := byRefresh(t, a, "bank", ""); found {
			t.Error("one is found by an empty refresh token")
		}
	},
	"what is revoked before it is added is dead when it is: a replay may overtake (SP2-29)": func(t *testing.T, a Authorizations) {
		if err := a.Revoke(t.Context(), "bank", "1", created); err != nil {
			t.Fatal(err)
		}
		if !add(t, a, "bank", authorization("1")) {
			t.Error("the first attempt is refused: of many that race one must win (BAD-102)")
		}
		later := authorization("1")
		later.Attempt = "attempt-2"
		if add(t, a, "bank", later) {
			t.Error("a second attempt wins too")
		}
		if got, found := get(t, a, "bank", "1"); !found || !got.Revoked {
			t.Errorf("%+v, %t", got, found)
		}
	},
	"a revoked authorization says so, and stays": func(t *testing.T, a Authorizations) {
		add(t, a, "bank", authorization("1"))
		add(t, a, "bank", authorization("2"))
		for range 2 {
			if err := a.Revoke(t.Context(), "bank", "1", created); err != nil {
				t.Fatal(err)
			}
		}
		if got, found := get(t, a, "bank", "1"); !found || !got.Revoked {
			t.Errorf("%+v, %t", got, found)
		}
		if got, found := byRefresh(t, a, "bank", "refresh of 1"); !found || !got.Revoked {
			t.Errorf("by its refresh token: %+v, %t", got, found)
		}
		if got, _ := get(t, a, "bank", "2"); got.Revoked {
			t.Error("another one was revoked")
		}
	},
	"writing again does not bring a revoked one back": func(t *testing.T, a Authorizations) {
		add(t, a, "bank", authorization("1"))
		if err := a.Revoke(t.Context(), "bank", "1", created); err != nil {
			t.Fatal(err)
		}
		add(t, a, "bank", authorization("1"))
		if got, _ := get(t, a, "bank", "1"); !got.Revoked {
			t.Error("it lives again")
		}
	},
	"issuers do not see each other (BAD-38)": func(t *testing.T, a Authorizations) {
		add(t, a, "bank", authorization("1"))
		if _, found := get(t, a, "other", "1"); found {
			t.Error("the other issuer finds it")
		}
		if _, found := byRefresh(t, a, "other", "refresh of 1"); found {
			t.Error("the other issuer finds its refresh token")
		}
		there := authorization("1")
		there.Attempt = "attempt-2"
		if !add(t, a, "other", there) {
			t.Error("the other issuer's own is refused")
		}
		if err := a.Revoke(t.Context(), "other", "1", created); err != nil {
			t.Fatal(err)
		}
		if got, _ := get(t, a, "bank", "1"); got.Revoked {
			t.Error("the other issuer revoked it")
		}
	},
	"what has expired is swept, in batches, of every issuer": func(t *testing.T, a Authorizations) {
		for n := range 5 {
			for _, issuer := range []string{"bank", "other"} {
				add(t, a, issuer, authorization(fmt.Sprint(n)))
			}
		}
		living := authorization("living")
		living.Expires = created.Add(2 * time.Hour)
		add(t, a, "bank", living)
		wantSwept(t, a.Sweep)
		if _, found := get(t, a, "bank", "living"); !found {
			t.Error("a living one was swept")
		}
	},
	"a database that cannot answer is a refusal with 503": func(t *testing.T, a Authorizations) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, add := a.Add(ctx, "bank", authorization("1"))
		_, _, get := a.Get(ctx, "bank", "1")
		_, _, byRefresh := a.ByRefresh(ctx, "bank", "r")
		_, sweep := a.Sweep(ctx, created, 1)
		want503(t, map[string]error{"add": add, "get": get, "by refresh": byRefresh, "revoke": a.Revoke(ctx, "bank", "1", created), "sweep": sweep})
	},
}

// TestRevocations is the contract of single revoked tokens.
func TestRevocations(t *testing.T) {
	storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) {
		r := NewRevocations(db)
		has := func(issuer, id string) bool {
			t.Helper()
			revoked, err := r.Has(t.Context(), issuer, id)
			if err != nil {
				t.Fatal(err)
			}
			return revoked
		}
		revoke := func(issuer, id string, expires time.Time) {
			t.Helper()
			if err := r.Add(t.Context(), issuer, id, expires); err != nil {
				t.Fatal(err)
			}
		}
		revoke("bank", "1", created.Add(2*time.Hour))
		revoke("bank", "1", created.Add(2*time.Hour)) // twice is as good as once
		if !has("bank", "1") || has("bank", "2") || has("other", "1") {
			t.Error("one token is revoked, at one issuer")
		}
		for n := range 5 {
			for _, issuer := range []string{"bank", "other"} {
				revoke(issuer, fmt.Sprint("x", n), created.Add(time.Hour))
			}
		}
		wantSwept(t, r.Sweep)
		if !has("bank", "1") || has("bank", "x1") {
			t.Error("another one was swept")
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, failed := r.Has(ctx, "bank", "1")
		_, sweep := r.Sweep(ctx, created, 1)
		want503(t, map[string]error{"add": r.Add(ctx, "bank", "1", created), "has": failed, "sweep": sweep})
	})
}

// TestOpaque is the contract of opaque tokens.
func TestOpaque(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		o, issuer := NewOpaque(client), storetest.Issuer()
		const secret = "the opaque token"
		if err := o.Put(t.Context(), issuer, secret, []byte(`{"sub":"é"}`), time.Hour); err != nil {
			t.Fatal(err)
		}
		for _, row := range []struct {
			issuer, token string
			want          bool
		}{{issuer, secret, true}, {issuer, "another", false}, {issuer, "", false}, {storetest.Issuer(), secret, false}} {
			got, found, err := o.Get(t.Context(), row.issuer, row.token)
			if err != nil || found != row.want || (found && string(got) != `{"sub":"é"}`) {
				t.Errorf("%q of %s: %s, %t, %v", row.token, row.issuer, got, found, err)
			}
		}
		keys, err := client.Keys(t.Context(), "token:{"+issuer+"/*").Result()
		if err != nil || len(keys) != 1 {
			t.Fatalf("%v, %v", keys, err)
		}
		if left := client.TTL(t.Context(), keys[0]).Val(); left <= 0 || left > time.Hour || strings.Contains(keys[0], secret) {
			t.Errorf("%s lives for %s", keys[0], left)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, _, get := o.Get(ctx, issuer, secret)
		want503(t, map[string]error{"put": o.Put(ctx, issuer, secret, nil, time.Hour), "get": get})
	})
}

// wantSwept checks a table with ten rows that expire after an hour, and one that
// lives on.
func wantSwept(t *testing.T, sweep func(context.Context, time.Time, int) (int, error)) {
	t.Helper()
	for _, want := range []struct {
		after   time.Duration
		removed int
	}{{time.Hour, 0}, {time.Hour + time.Millisecond, 4}, {90 * time.Minute, 4}, {90 * time.Minute, 2}, {90 * time.Minute, 0}} {
		if removed, err := sweep(t.Context(), created.Add(want.after), 4); err != nil || removed != want.removed {
			t.Errorf("after %s: %d removed, %v", want.after, removed, err)
		}
	}
}

func want503(t *testing.T, errs map[string]error) {
	t.Helper()
	for name, err := range errs {
		if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func add(t *testing.T, a Authorizations, issuer string, one Authorization) bool {
	t.Helper()
	ours, err := a.Add(t.Context(), issuer, one)
	if err != nil {
		t.Fatal(err)
	}
	return ours
}

func get(t *testing.T, a Authorizations, issuer, id string) (Authorization, bool) {
	t.Helper()
	got, found, err := a.Get(t.Context(), issuer, id)
	if err != nil {
		t.Fatal(err)
	}
	return got, found
}

func byRefresh(t *testing.T, a Authorizations, issuer, hash string) (Authorization, bool) {
	t.Helper()
	got, found, err := a.ByRefresh(t.Context(), issuer, hash)
	if err != nil {
		t.Fatal(err)
	}
	return got, found
}
