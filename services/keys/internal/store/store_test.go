package store

import (
	"context"
	"database/sql"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/services/keys/backend"
)

func TestSQL(t *testing.T) {
	for name, rule := range contract {
		t.Run(name, func(t *testing.T) {
			storetest.EachSQL(t, Migrations, func(t *testing.T, db *sql.DB) { rule(t, NewSQL(db)) })
		})
	}
}

var noon = time.Date(2026, 3, 1, 12, 0, 0, int(7*time.Millisecond), time.UTC)

// contract is what every store of keys must hold to; each rule gets an empty one.
var contract = map[string]func(*testing.T, Keys){
	"a record comes back as it was written": func(t *testing.T, keys Keys) {
		want := record("bank", "kid-1", "access_token", jose.ES256, 1)
		want.Withdrawn, want.Reason = noon.Add(time.Hour), "leaked"
		add(t, keys, want, true)
		if got := list(t, keys); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	},
	"a generation is written once": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256, 1), true)
		add(t, keys, record("bank", "kid-2", "access_token", jose.ES256, 1), false)
		add(t, keys, record("bank", "kid-3", "access_token", jose.ES256, 2), true)
		wantKids(t, keys, "kid-1", "kid-3")
	},
	"a kid is written once within an issuer": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256, 1), true)
		add(t, keys, record("bank", "kid-1", "id_token", jose.ES256, 1), false)
		wantKids(t, keys, "kid-1")
	},
	"another issuer, purpose or algorithm has its own generations": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256, 1), true)
		add(t, keys, record("bank", "kid-2", "id_token", jose.ES256, 1), true)
		add(t, keys, record("bank", "kid-3", "id_token", jose.PS256, 1), true)
		add(t, keys, record("other", "kid-1", "access_token", jose.ES256, 1), true)
		wantKids(t, keys, "kid-1", "kid-2", "kid-3", "kid-1")
	},
	"of 20 that add at once one is written": func(t *testing.T, keys Keys) {
		var group sync.WaitGroup
		var won atomic.Int32
		for n := range 20 {
			group.Go(func() {
				added, err := keys.Add(context.Background(), record("bank", "kid-"+string(rune('a'+n)), "access_token", jose.ES256, 1))
				if err != nil {
					t.Error(err)
				}
				if added {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if got := list(t, keys); len(got) != 1 || won.Load() != 1 {
			t.Errorf("%d were written, %d were told so", len(got), won.Load())
		}
	},
	"a key may begin earlier and never later": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256, 1), true)
		for _, step := range []struct{ to, want time.Time }{
			{noon.Add(-time.Hour), noon.Add(-time.Hour)},
			{noon, noon.Add(-time.Hour)},
		} {
			if err := keys.Advance(t.Context(), "bank", "kid-1", step.to); err != nil {
				t.Fatal(err)
			}
			if got := list(t, keys)[0].Begins; !got.Equal(step.want) {
				t.Errorf("begins %s, want %s", got, step.want)
			}
		}
	},
	"a withdrawn key loses its handle, and the first reason stays": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256, 1), true)
		add(t, keys, record("bank", "kid-2", "access_token", jose.ES256, 2), true)
		for n, reason := range []string{"leaked", "again"} {
			if err := keys.Withdraw(t.Context(), "bank", "kid-1", noon.Add(time.Duration(n)*time.Hour), reason); err != nil {
				t.Fatal(err)
			}
		}
		got := list(t, keys)
		if !got[0].Withdrawn.Equal(noon) || got[0].Reason != "leaked" || len(got[0].Handle) != 0 {
			t.Errorf("withdrawn is %+v", got[0])
		}
		if !got[1].Withdrawn.IsZero() || len(got[1].Handle) == 0 {
			t.Errorf("the other is %+v", got[1])
		}
	},
	"a removed key is gone, and no other": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256, 1), true)
		add(t, keys, record("other", "kid-1", "access_token", jose.ES256, 1), true)
		if err := keys.Remove(t.Context(), "bank", "kid-1"); err != nil {
			t.Fatal(err)
		}
		if got := list(t, keys); len(got) != 1 || got[0].Issuer != "other" {
			t.Errorf("left are %+v", got)
		}
	},
	"an ended context is an error": func(t *testing.T, keys Keys) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := keys.Add(ctx, record("bank", "kid-1", "access_token", jose.ES256, 1)); err == nil {
			t.Error("Add answered")
		}
		if _, err := keys.List(ctx); err == nil {
			t.Error("List answered")
		}
		if err := keys.Withdraw(ctx, "bank", "kid-1", noon, ""); err == nil {
			t.Error("Withdraw answered")
		}
	},
}

func record(issuer, kid, purpose string, algorithm jose.Algorithm, generation int) Record {
	return Record{
		Label:      backend.Label{Issuer: issuer, KeyID: kid, Purpose: purpose, Algorithm: algorithm},
		Generation: generation,
		Backend:    "software",
		Created:    noon.Add(-time.Hour),
		Begins:     noon,
		PublicJWK:  []byte(`{"kty":"EC"}`),
		Handle:     []byte{0, 1, 0xff, '\''},
	}
}

func add(t *testing.T, keys Keys, r Record, want bool) {
	t.Helper()
	added, err := keys.Add(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	if added != want {
		t.Errorf("%s: added %t, want %t", r.KeyID, added, want)
	}
}

func list(t *testing.T, keys Keys) []Record {
	t.Helper()
	records, err := keys.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return records
}

func wantKids(t *testing.T, keys Keys, want ...string) {
	t.Helper()
	var got []string
	for _, r := range list(t, keys) {
		got = append(got, r.KeyID)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("kids are %v, want %v", got, want)
	}
}
