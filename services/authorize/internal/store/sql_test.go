package store

import (
	"context"
	"database/sql"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

func TestGrants(t *testing.T) {
	for name, rule := range grantContract {
		t.Run(name, func(t *testing.T) {
			storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) { rule(t, NewGrants(db)) })
		})
	}
}

var created = time.Date(2026, 3, 1, 12, 0, 0, int(7*time.Millisecond), time.UTC).Local()

func grant(id string) Grant {
	return Grant{
		ID: id, ClientID: "client-1", ClientName: "Ann's app", Subject: "alice", Scopes: []string{"openid", "accounts"},
		RequestHash: "request of " + id, Session: "session-1", Created: created, Expires: created.Add(time.Hour),
	}
}

// grantContract is what every store of grants must hold to; each rule gets an
// empty one.
var grantContract = map[string]func(*testing.T, Grants){
	"a grant comes back as it was written": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		want := grant("1")
		want.RequestHash, want.Session = "", "" // the store's own
		if got, found := get(t, g, "bank", "1"); !found || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %t, want %+v", got, found, want)
		}
		if _, found := get(t, g, "bank", "2"); found {
			t.Error("a grant that was not given is found")
		}
	},
	"the same session finds the grant that was written for it, with the later expiry": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		again := grant("2")
		again.RequestHash = grant("1").RequestHash
		again.Created, again.Expires = created.Add(time.Minute), created.Add(time.Hour+time.Minute)
		if got := add(t, g, "bank", again); got.ID != "1" || !got.Created.Equal(created) || !got.Expires.Equal(again.Expires) {
			t.Errorf("it got %+v", got)
		}
		if got := add(t, g, "bank", grant("1")); !got.Expires.Equal(again.Expires) {
			t.Errorf("it got shorter: %+v", got)
		}
		if _, found := get(t, g, "bank", "2"); found {
			t.Error("one request bought two grants")
		}
	},
	"what has expired or was withdrawn does not come back": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		withdraw(t, g, "bank", "alice", "1", created)
		late := grant("2")
		add(t, g, "bank", late)
		late.Created, late.Expires = created.Add(2*time.Hour), created.Add(3*time.Hour)
		for _, one := range []Grant{grant("1"), late} {
			_, err := g.Add(t.Context(), "bank", one)
			if refusal, ok := oauth.AsError(err); !ok || refusal.Code != oauth.CodeInvalidRequestURI {
				t.Errorf("%s: got %v", one.ID, err)
			}
		}
	},
	"another session with the same request is refused": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		second := grant("2")
		second.RequestHash, second.Session = grant("1").RequestHash, "session-2"
		_, err := g.Add(t.Context(), "bank", second)
		if refusal, ok := oauth.AsError(err); !ok || refusal.Code != oauth.CodeInvalidRequestURI {
			t.Errorf("got %v", err)
		}
		if _, found := get(t, g, "bank", "2"); found {
			t.Error("one request bought two grants")
		}
		if got := add(t, g, "bank", grant("1")); got.ID != "1" {
			t.Error("the first session cannot go on")
		}
	},
	"the same session that brings another answer is refused": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		other, more, less := grant("2"), grant("3"), grant("4")
		other.Subject = "bob"
		more.Scopes = []string{"openid", "accounts", "payments"}
		less.Scopes = []string{"openid"}
		for _, one := range []Grant{other, more, less} {
			one.RequestHash, one.Expires = grant("1").RequestHash, created.Add(2*time.Hour)
			_, err := g.Add(t.Context(), "bank", one)
			if refusal, ok := oauth.AsError(err); !ok || refusal.Code != oauth.CodeInvalidRequestURI {
				t.Errorf("%s with %v: got %v", one.Subject, one.Scopes, err)
			}
		}
		if got, _ := get(t, g, "bank", "1"); !got.Expires.Equal(grant("1").Expires) {
			t.Error("who is refused makes the grant longer")
		}
	},
	"of 100 sessions at once one gets the grant": func(t *testing.T, g Grants) {
		won := race(t, func(n int) (bool, error) {
			one := grant(fmt.Sprint(n))
			one.RequestHash, one.Session = "the one request", fmt.Sprint(n)
			_, err := g.Add(context.Background(), "bank", one)
			if refusal, ok := oauth.AsError(err); ok && refusal.Code == oauth.CodeInvalidRequestURI {
				return false, nil
			}
			return err == nil, err
		})
		if got := list(t, g, "bank", "alice", created, 1000); won != 1 || len(got) != 1 {
			t.Errorf("%d won, %d rows", won, len(got))
		}
	},
	"issuers do not see each other (BAD-38)": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		if _, found := get(t, g, "other", "1"); found || len(list(t, g, "other", "alice", created, 10)) != 0 {
			t.Error("the other issuer finds the grant")
		}
		if withdraw(t, g, "other", "alice", "1", created) {
			t.Error("the other issuer ends the grant")
		}
		there := grant("1")
		there.Session, there.Subject = "session-2", "bob"
		add(t, g, "other", there)
		if got, _ := get(t, g, "bank", "1"); got.Subject != "alice" {
			t.Error("the other issuer took the grant's place")
		}
	},
	"a user's living grants are listed, newest first": func(t *testing.T, g Grants) {
		for n, id := range []string{"old", "new", "newest"} {
			one := grant(id)
			one.Created = created.Add(time.Duration(n) * time.Minute)
			add(t, g, "bank", one)
		}
		expired, bobs := grant("expired"), grant("bob's")
		expired.Expires, bobs.Subject = created, "bob"
		add(t, g, "bank", expired)
		add(t, g, "bank", bobs)
		if got := list(t, g, "bank", "alice", created, 10); !reflect.DeepEqual(got, []string{"newest", "new", "old"}) {
			t.Errorf("alice has %v", got)
		}
		if got := list(t, g, "bank", "alice", created, 2); !reflect.DeepEqual(got, []string{"newest", "new"}) {
			t.Errorf("the first two are %v", got)
		}
		for _, nobody := range []string{"", "ALICE", "%"} {
			if got := list(t, g, "bank", nobody, created, 10); len(got) != 0 {
				t.Errorf("%q has %v", nobody, got)
			}
		}
	},
	"a withdrawn grant is gone": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		add(t, g, "bank", grant("2"))
		for _, row := range []struct {
			name, subject, id string
			now               time.Time
			want              bool
		}{
			{"another user's", "bob", "1", created, false},
			{"unknown", "alice", "3", created, false},
			{"expired", "alice", "1", created.Add(time.Hour), false},
			{"hers", "alice", "1", created, true},
			{"again", "alice", "1", created.Add(time.Minute), true}, // whoever did not hear of it
		} {
			if got := withdraw(t, g, "bank", row.subject, row.id, row.now); got != row.want {
				t.Errorf("%s: %t", row.name, got)
			}
		}
		if _, found := get(t, g, "bank", "1"); found {
			t.Error("it is found")
		}
		if got := list(t, g, "bank", "alice", created, 10); !reflect.DeepEqual(got, []string{"2"}) {
			t.Errorf("left are %v", got)
		}
	},
	"a withdrawn grant keeps its request spent": func(t *testing.T, g Grants) {
		add(t, g, "bank", grant("1"))
		withdraw(t, g, "bank", "alice", "1", created)
		second := grant("2")
		second.RequestHash, second.Session = grant("1").RequestHash, "session-2"
		if _, err := g.Add(t.Context(), "bank", second); err == nil {
			t.Error("the request bought a second grant")
		}
	},
	"what has expired is swept, in batches, of every issuer": func(t *testing.T, g Grants) {
		for n := range 5 {
			for _, issuer := range []string{"bank", "other"} {
				add(t, g, issuer, grant(fmt.Sprint(n)))
			}
		}
		living := grant("living")
		living.Expires = created.Add(2 * time.Hour)
		add(t, g, "bank", living)
		for _, want := range []struct {
			after   time.Duration
			removed int
		}{{time.Hour, 0}, {time.Hour + time.Millisecond, 4}, {90 * time.Minute, 4}, {90 * time.Minute, 2}, {90 * time.Minute, 0}} {
			if removed, err := g.Sweep(t.Context(), created.Add(want.after), 4); err != nil || removed != want.removed {
				t.Errorf("after %s: %d removed, %v", want.after, removed, err)
			}
		}
		if _, found := get(t, g, "bank", "living"); !found {
			t.Error("a living grant was swept")
		}
	},
	"a database that cannot answer is a refusal with 503": func(t *testing.T, g Grants) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, add := g.Add(ctx, "bank", grant("1"))
		_, _, get := g.Get(ctx, "bank", "1")
		_, list := g.List(ctx, "bank", "alice", created, 10)
		_, _, withdraw := g.Withdraw(ctx, "bank", "alice", "1", created)
		_, sweep := g.Sweep(ctx, created, 10)
		for name, err := range map[string]error{"add": add, "get": get, "list": list, "withdraw": withdraw, "sweep": sweep} {
			if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
				t.Errorf("%s: %v", name, err)
			}
		}
	},
}

func add(t *testing.T, g Grants, issuer string, one Grant) Grant {
	t.Helper()
	got, err := g.Add(t.Context(), issuer, one)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func get(t *testing.T, g Grants, issuer, id string) (Grant, bool) {
	t.Helper()
	got, found, err := g.Get(t.Context(), issuer, id)
	if err != nil {
		t.Fatal(err)
	}
	return got, found
}

// list is the ids of a user's grants.
func list(t *testing.T, g Grants, issuer, subject string, now time.Time, most int) []string {
	t.Helper()
	grants, err := g.List(t.Context(), issuer, subject, now, most)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, one := range grants {
		ids = append(ids, one.ID)
	}
	return ids
}

func withdraw(t *testing.T, g Grants, issuer, subject, id string, now time.Time) bool {
	t.Helper()
	client, ended, err := g.Withdraw(t.Context(), issuer, subject, id, now)
	if err != nil {
		t.Fatal(err)
	}
	if (client == "client-1") != ended {
		t.Errorf("it was given to %q", client)
	}
	return ended
}
