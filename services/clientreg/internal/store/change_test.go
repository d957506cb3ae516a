package store_test

import (
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// changesContract is how every Clients changes and removes records.
func changesContract(t *testing.T, clients store.Clients) {
	ctx, issuer := t.Context(), storetest.Issuer()
	created := time.Unix(1772366400, 0).UTC()
	for _, record := range []store.Record{
		{ClientID: "c", Generation: 3, Active: true, RegistrationTokenHash: "hash", CreatedAt: created, Metadata: metadata.Client{ClientName: "old"}},
		{ClientID: "suspended", Generation: 1, RegistrationTokenHash: "hash", CreatedAt: created},
	} {
		if _, err := clients.Create(ctx, issuer, record); err != nil {
			t.Fatal(err)
		}
	}
	never := func(int64) error { t.Error("announced"); return nil }
	wantName := func(t *testing.T, want string, generation int64) {
		t.Helper()
		got, found, err := clients.Get(ctx, issuer, "c")
		if err != nil || !found || got.Metadata.ClientName != want || got.Generation != generation {
			t.Errorf("kept is %+v, %v, %v", got, found, err)
		}
	}
	t.Run("only what the token opens", func(t *testing.T) {
		for _, at := range [][3]string{{issuer, "c", "other"}, {issuer, "c", ""}, {issuer, "d", "hash"}, {storetest.Issuer(), "c", "hash"}, {issuer, "suspended", "hash"}} {
			if _, found, err := clients.Update(ctx, at[0], at[1], at[2], metadata.Client{}, never); found || err != nil {
				t.Errorf("%v: updated %v, %v", at, found, err)
			}
			if found, err := clients.Delete(ctx, at[0], at[1], at[2], never); found || err != nil {
				t.Errorf("%v: deleted %v, %v", at, found, err)
			}
		}
		wantName(t, "old", 3)
	})
	t.Run("nothing that could not be announced", func(t *testing.T) {
		failure := errors.New("no Redis")
		fail := func(int64) error { return failure }
		if _, _, err := clients.Update(ctx, issuer, "c", "hash", metadata.Client{ClientName: "new"}, fail); !errors.Is(err, failure) {
			t.Errorf("update: %v", err)
		}
		if _, err := clients.Delete(ctx, issuer, "c", "hash", fail); !errors.Is(err, failure) {
			t.Errorf("delete: %v", err)
		}
		wantName(t, "old", 3)
	})
	t.Run("update answers and keeps the next generation", func(t *testing.T) {
		announced := int64(0)
		got, found, err := clients.Update(ctx, issuer, "c", "hash", metadata.Client{ClientName: "new"}, func(g int64) error { announced = g; return nil })
		want := store.Record{ClientID: "c", Generation: 4, Active: true, RegistrationTokenHash: "hash", CreatedAt: created, Metadata: metadata.Client{ClientName: "new"}}
		if err != nil || !found || !reflect.DeepEqual(got, want) || announced != 4 {
			t.Errorf("got %+v, %v, %v; announced %d", got, found, err, announced)
		}
		wantName(t, "new", 4)
	})
	t.Run("20 racers make 20 generations", func(t *testing.T) {
		var racers sync.WaitGroup
		var sum atomic.Int64
		for range 20 {
			racers.Go(func() {
				_, found, err := clients.Update(ctx, issuer, "c", "hash", metadata.Client{ClientName: "raced"}, func(g int64) error { sum.Add(g); return nil })
				if err != nil || !found {
					t.Errorf("%v, %v", found, err)
				}
			})
		}
		racers.Wait()
		if sum.Load() != (5+24)*20/2 {
			t.Errorf("the generations' sum is %d", sum.Load())
		}
		wantName(t, "raced", 24)
	})
	t.Run("delete leaves nothing, once", func(t *testing.T) {
		announced := int64(0)
		found, err := clients.Delete(ctx, issuer, "c", "hash", func(g int64) error { announced = g; return nil })
		if err != nil || !found || announced != 25 {
			t.Errorf("deleted %v, %v; announced %d", found, err, announced)
		}
		if _, found, err := clients.Get(ctx, issuer, "c"); found || err != nil {
			t.Errorf("still there: %v, %v", found, err)
		}
		if found, err := clients.Delete(ctx, issuer, "c", "hash", never); found || err != nil {
			t.Errorf("deleted again: %v, %v", found, err)
		}
	})
}
