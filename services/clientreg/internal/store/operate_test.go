package store_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// operationContract is what every Clients does for an operator.
func operationContract(t *testing.T, clients store.Clients) {
	ctx, issuer := t.Context(), storetest.Issuer()
	created := time.Unix(1772366400, 0).UTC()
	for _, r := range []store.Record{
		{ClientID: "a", Framework: "f", Participant: "org-1", SoftwareOnce: "s"}, {ClientID: "b", Framework: "f", Participant: "org-2"},
		{ClientID: "c", Framework: "g", Participant: "org-1"}, {ClientID: "d"},
	} {
		r.Generation, r.Active, r.RegistrationTokenHash, r.CreatedAt = 1, true, "hash", created
		if _, err := clients.Create(ctx, issuer, r); err != nil {
			t.Fatal(err)
		}
	}
	never := func(int64) error { t.Error("announced"); return nil }
	newest := int64(0)
	announce := func(generation int64) error { newest = generation; return nil }
	withdraw := func(t *testing.T, withdrawn bool) []string {
		t.Helper()
		changed, err := clients.Withdraw(ctx, issuer, store.Participant{Framework: "f", ID: "org-1", Withdrawn: withdrawn}, func(string, int64) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		return changed
	}
	stands := func(t *testing.T, active, withdrawn bool) {
		t.Helper()
		r, found, err := clients.Get(ctx, issuer, "a")
		if err != nil || !found || r.Active != active || r.Withdrawn != withdrawn || r.Serves() != (active && !withdrawn) {
			t.Errorf("it stands as %+v, %v, %v; want active %v, withdrawn %v", r, found, err, active, withdrawn)
		}
	}
	setActive := func(t *testing.T, active, want bool) {
		t.Helper()
		tell := announce
		if !want {
			tell = never
		}
		if changed, err := clients.SetActive(ctx, issuer, "a", active, tell); err != nil || changed != want {
			t.Errorf("changed %v, %v; want %v", changed, err, want)
		}
	}
	list := func(t *testing.T, wanted store.Wanted, after string, most int) (ids []string) {
		t.Helper()
		found, err := clients.List(ctx, issuer, wanted, after, most)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range found {
			ids = append(ids, r.ClientID)
		}
		return ids
	}
	t.Run("neither suspension ends the other", func(t *testing.T) {
		setActive(t, false, true)
		stands(t, false, false)
		if changed := withdraw(t, true); !slices.Equal(changed, []string{"a"}) {
			t.Errorf("changed are %v", changed)
		}
		withdraw(t, false)
		stands(t, false, false)
		withdraw(t, true)
		setActive(t, true, true)
		stands(t, true, true)
		setActive(t, true, false)
		withdraw(t, false)
		stands(t, true, false)
		if newest != 6 {
			t.Errorf("the last announced generation is %d", newest)
		}
	})
	t.Run("nothing that could not be announced", func(t *testing.T) {
		failure := errors.New("no Redis")
		fail := func(int64) error { return failure }
		if _, err := clients.SetActive(ctx, issuer, "a", false, fail); !errors.Is(err, failure) {
			t.Errorf("suspended: %v", err)
		}
		if _, err := clients.Remove(ctx, issuer, "a", fail); !errors.Is(err, failure) {
			t.Errorf("removed: %v", err)
		}
		stands(t, true, false)
	})
	t.Run("lists by page and filter", func(t *testing.T) {
		setActive(t, false, true)
		for _, row := range []struct {
			why    string
			wanted store.Wanted
			after  string
			most   int
			want   []string
		}{
			{"all", store.Wanted{}, "", 10, []string{"a", "b", "c", "d"}},
			{"a page", store.Wanted{}, "", 2, []string{"a", "b"}},
			{"the next", store.Wanted{}, "b", 2, []string{"c", "d"}},
			{"behind the last", store.Wanted{}, "d", 2, nil},
			{"behind one that is gone", store.Wanted{}, "bb", 1, []string{"c"}},
			{"a framework", store.Wanted{Framework: "f"}, "", 10, []string{"a", "b"}},
			{"a participant of it", store.Wanted{Framework: "f", Participant: "org-1"}, "", 10, []string{"a"}},
			{"a participant of any", store.Wanted{Participant: "org-1"}, "", 10, []string{"a", "c"}},
			{"suspended", store.Wanted{Suspended: true}, "", 10, []string{"a"}},
			{"serving", store.Wanted{Serving: true}, "", 10, []string{"b", "c", "d"}},
			{"both is none", store.Wanted{Suspended: true, Serving: true}, "", 10, nil},
			{"SQL in a filter is text", store.Wanted{Framework: "f' OR ''='"}, "", 10, nil},
		} {
			if got := list(t, row.wanted, row.after, row.most); !slices.Equal(got, row.want) {
				t.Errorf("%s: %v, want %v", row.why, got, row.want)
			}
		}
		if other, err := clients.List(ctx, storetest.Issuer(), store.Wanted{}, "", 10); err != nil || len(other) != 0 {
			t.Errorf("BAD-38 another issuer's: %v, %v", other, err)
		}
	})
	t.Run("software that registers once is known", func(t *testing.T) {
		for _, at := range [][3]string{{issuer, "f", "s"}, {issuer, "g", "s"}, {issuer, "f", "t"}, {storetest.Issuer(), "f", "s"}} {
			got, err := clients.Registered(ctx, at[0], at[1], at[2])
			if want := at == [3]string{issuer, "f", "s"}; err != nil || got != want {
				t.Errorf("%v: %v, %v", at, got, err)
			}
		}
	})
	t.Run("remove needs no token, and takes a suspended client too, once", func(t *testing.T) {
		for _, at := range [][2]string{{issuer, "z"}, {storetest.Issuer(), "a"}} {
			if found, err := clients.Remove(ctx, at[0], at[1], never); found || err != nil {
				t.Errorf("%v: %v, %v", at, found, err)
			}
		}
		if found, err := clients.Remove(ctx, issuer, "a", announce); !found || err != nil || newest != 9 {
			t.Errorf("%v, %v; announced %d", found, err, newest)
		}
		if got := list(t, store.Wanted{}, "", 10); !slices.Equal(got, []string{"b", "c", "d"}) {
			t.Errorf("left are %v", got)
		}
		if changed, err := clients.SetActive(ctx, issuer, "a", true, never); changed || err != nil {
			t.Errorf("a removed one was resumed: %v, %v", changed, err)
		}
	})
}
