package store_test

import (
	"context"
	"database/sql"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

func TestClients(t *testing.T) {
	storetest.EachSQL(t, store.Migrations, func(t *testing.T, db *sql.DB) {
		clientsContract(t, store.NewSQL(db), func() { _ = db.Close() })
	})
}

// clientsContract is what every Clients must do; stop makes it unable to answer.
func clientsContract(t *testing.T, clients store.Clients, stop func()) {
	ctx, issuer, other := t.Context(), storetest.Issuer(), storetest.Issuer()
	record := store.Record{
		ClientID: "client-1", Generation: 3, Active: true, RegistrationTokenHash: "hash", CreatedAt: time.Unix(1772366400, 0).UTC(),
		Metadata: metadata.Client{
			ClientName: `"Bücher" \ <b>`, RedirectURIs: []string{"https://client.example/cb"}, JWKS: metadata.Document(`{"keys":[]}`), DPoPBoundTokens: true,
		},
	}
	suspended := store.Record{ClientID: "client-2", Generation: 1, CreatedAt: record.CreatedAt}
	for _, r := range []store.Record{record, suspended} {
		if _, err := clients.Create(ctx, issuer, r); err != nil {
			t.Fatal(err)
		}
	}
	t.Run("what was created is answered", func(t *testing.T) {
		for _, want := range []store.Record{record, suspended} {
			got, found, err := clients.Get(ctx, issuer, want.ClientID)
			if err != nil || !found || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v, %v\nwant %+v", got, found, err, want)
			}
		}
	})
	t.Run("unknown and BAD-38 another issuer's are not found", func(t *testing.T) {
		for _, at := range [][2]string{{issuer, "client-3"}, {other, "client-1"}} {
			if got, found, err := clients.Get(ctx, at[0], at[1]); err != nil || found || got.ClientID != "" {
				t.Errorf("%v: got %+v, %v, %v", at, got, found, err)
			}
		}
	})
	t.Run("one client_id can be at two issuers", func(t *testing.T) {
		if _, err := clients.Create(ctx, other, record); err != nil {
			t.Error(err)
		}
	})
	t.Run("one client_id cannot be twice at one issuer", func(t *testing.T) {
		wantUnavailable(t, second(clients.Create(ctx, issuer, record)))
	})
	t.Run("changes", func(t *testing.T) { changesContract(t, clients) })
	t.Run("operation", func(t *testing.T) { operationContract(t, clients) })
	t.Run("a store that is gone refuses", func(t *testing.T) {
		stop()
		_, _, err := clients.Get(ctx, issuer, "client-1")
		wantUnavailable(t, err)
		announce := func(int64) error { t.Error("announced"); return nil }
		_, _, err = clients.Update(ctx, issuer, "client-1", "hash", metadata.Client{}, announce)
		wantUnavailable(t, err)
		_, err = clients.Delete(ctx, issuer, "client-1", "hash", announce)
		wantUnavailable(t, err)
		wantUnavailable(t, second(clients.Create(ctx, issuer, store.Record{ClientID: "client-4"})))
		wantUnavailable(t, second(clients.List(ctx, issuer, store.Wanted{}, "", 1)))
		wantUnavailable(t, second(clients.SetActive(ctx, issuer, "client-1", false, announce)))
		wantUnavailable(t, second(clients.Remove(ctx, issuer, "client-1", announce)))
		wantUnavailable(t, second(clients.Registered(ctx, issuer, "f", "s")))
	})
}

func wantUnavailable(t *testing.T, err error) {
	t.Helper()
	if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
		t.Errorf("error is %v, want 503", err)
	}
}

func TestMarks(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		marksContract(t, store.NewRedis(client), func() { _ = client.Close() })
	})
}

// marksContract is what every Marks must do; stop makes it unable to answer.
func marksContract(t *testing.T, marks store.Marks, stop func()) {
	ctx, issuer := t.Context(), storetest.Issuer()
	burn := func(issuer, client, id, attempt string) (bool, int64) {
		t.Helper()
		burnt, generation, err := marks.Burn(ctx, issuer, client, use(id, attempt))
		if err != nil {
			t.Fatal(err)
		}
		return burnt, generation
	}
	t.Run("burns once per issuer, client and id, but for the same attempt", func(t *testing.T) {
		for _, step := range []struct {
			issuer, client, id, attempt string
			want                        bool
		}{
			{issuer, "c", "jti", "a", true}, {issuer, "c", "jti", "b", false}, {issuer, "c", "jti", "a", true},
			{issuer, "d", "jti", "b", true}, {issuer, "c", "other", "b", true}, {storetest.Issuer(), "c", "jti", "b", true},
		} {
			if burnt, _ := burn(step.issuer, step.client, step.id, step.attempt); burnt != step.want {
				t.Errorf("%+v: %v", step, burnt)
			}
		}
	})
	t.Run("100 racers, one wins", func(t *testing.T) { race(t, marks, issuer) })
	t.Run("generations only grow, and come with each burn", func(t *testing.T) {
		for _, step := range []struct{ announce, want int64 }{{0, 0}, {2, 2}, {1, 2}, {2, 2}, {10, 10}, {9, 10}} {
			if step.announce > 0 {
				if err := marks.Announce(ctx, issuer, "g", step.announce); err != nil {
					t.Fatal(err)
				}
			}
			got, err := marks.Generation(ctx, issuer, "g")
			_, first := burn(issuer, "g", strconv.FormatInt(step.announce, 10)+oauth.NewID(), "a")
			if err != nil || got != step.want || first != step.want {
				t.Errorf("after %d: %d, %d, %v", step.announce, got, first, err)
			}
		}
		burn(issuer, "g", "again", "a")
		if _, generation := burn(issuer, "g", "again", "b"); generation != 10 {
			t.Errorf("a burn that lost tells generation %d", generation)
		}
	})
	t.Run("registrations are counted per issuer, token and period", func(t *testing.T) {
		count := func(issuer, token string, period, want int64) {
			t.Helper()
			if got, err := marks.Count(ctx, issuer, store.Registrations, token, period); err != nil || got != want {
				t.Errorf("counted %d, %v; want %d", got, err, want)
			}
		}
		count(issuer, "token", 1, 1)
		count(issuer, "token", 1, 2)
		count(issuer, "token", 2, 1)
		count(issuer, "other", 1, 1)
		count(storetest.Issuer(), "token", 1, 1)
		count(issuer, "token", 1, 3)
		if got, err := marks.Count(ctx, issuer, store.Checks, "token", 1); err != nil || got != 1 {
			t.Errorf("a check counts as registration: %d, %v", got, err)
		}
	})
	t.Run("a statement that was used is known, and looking uses nothing", func(t *testing.T) {
		for _, want := range []bool{false, false, true} {
			if want {
				if _, err := marks.BurnStatement(ctx, issuer, "f", use("looked-at", "a")); err != nil {
					t.Fatal(err)
				}
			}
			if burnt, err := marks.StatementBurnt(ctx, issuer, "f", "looked-at", time.Now()); err != nil || burnt != want {
				t.Errorf("%v, %v; want %v", burnt, err, want)
			}
		}
		if burnt, err := marks.StatementBurnt(ctx, storetest.Issuer(), "f", "looked-at", time.Now()); err != nil || burnt {
			t.Errorf("at another issuer: %v, %v", burnt, err)
		}
		before := time.Unix(-1, 0) // the stores of tests were born in 1970
		if burnt, err := marks.StatementBurnt(ctx, issuer, "f", "looked-at", before); err == nil || burnt {
			t.Errorf("from before the store: %v, %v", burnt, err)
		}
	})
	t.Run("a store that is gone refuses", func(t *testing.T) {
		stop()
		wantUnavailable(t, second(marks.StatementBurnt(ctx, issuer, "f", "x", time.Now())))
		_, counting := marks.Count(ctx, issuer, store.Registrations, "token", 1)
		wantUnavailable(t, counting)
		_, _, burning := marks.Burn(ctx, issuer, "c", use("x", "a"))
		_, reading := marks.Generation(ctx, issuer, "c")
		for _, err := range []error{burning, reading, marks.Announce(ctx, issuer, "c", 1)} {
			wantUnavailable(t, err)
		}
	})
}

// use is of an id that was made just now.
func use(id, attempt string) store.Use {
	now := time.Now()
	return store.Use{ID: id, Attempt: attempt, Issued: now.Add(time.Minute), Now: now, Until: now.Add(time.Minute)}
}

func race(t *testing.T, marks store.Marks, issuer string) {
	var won atomic.Int32
	var racers sync.WaitGroup
	for n := range 100 {
		racers.Go(func() {
			burnt, _, err := marks.Burn(context.Background(), issuer, "race", use("jti", strconv.Itoa(n)))
			if err != nil {
				t.Error(err)
			}
			if burnt {
				won.Add(1)
			}
		})
	}
	racers.Wait()
	if won.Load() != 1 {
		t.Errorf("%d won", won.Load())
	}
}

func second[T any](_ T, err error) error { return err }
