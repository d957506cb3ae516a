package store

import (
	"context"
	"database/sql"
	"reflect"
	"sync"
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

// contract is what every store of keys must hold to; each rule gets an empty one.
var contract = map[string]func(*testing.T, Keys){
	"a record comes back as it was written": func(t *testing.T, keys Keys) {
		want := record("bank", "kid-1", "access_token", jose.ES256)
		add(t, keys, want)
		if got := list(t, keys); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	},
	"a second active key for one use is not written": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256))
		add(t, keys, record("bank", "kid-2", "access_token", jose.ES256))
		wantKids(t, keys, "kid-1")
	},
	"a kid is written once within an issuer": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256))
		add(t, keys, record("bank", "kid-1", "id_token", jose.ES256))
		wantKids(t, keys, "kid-1")
	},
	"another issuer, purpose or algorithm has its own active key": func(t *testing.T, keys Keys) {
		add(t, keys, record("bank", "kid-1", "access_token", jose.ES256))
		add(t, keys, record("bank", "kid-2", "id_token", jose.ES256))
		add(t, keys, record("bank", "kid-3", "id_token", jose.PS256))
		add(t, keys, record("other", "kid-1", "access_token", jose.ES256))
		wantKids(t, keys, "kid-1", "kid-2", "kid-3", "kid-1")
	},
	"any number of retired keys stand beside the active one": func(t *testing.T, keys Keys) {
		for age, kid := range []string{"kid-3", "kid-2", "kid-1"} {
			r := record("bank", kid, "access_token", jose.ES256)
			r.Created = r.Created.Add(-time.Duration(age) * time.Hour)
			if age > 0 {
				r.State = Retired
			}
			add(t, keys, r)
		}
		wantKids(t, keys, "kid-1", "kid-2", "kid-3")
	},
	"of 20 that add at once one is written": func(t *testing.T, keys Keys) {
		var group sync.WaitGroup
		for n := range 20 {
			group.Go(func() {
				if err := keys.Add(context.Background(), record("bank", "kid-"+string(rune('a'+n)), "access_token", jose.ES256)); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if got := list(t, keys); len(got) != 1 {
			t.Errorf("%d were written", len(got))
		}
	},
	"an ended context is an error": func(t *testing.T, keys Keys) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := keys.Add(ctx, record("bank", "kid-1", "access_token", jose.ES256)); err == nil {
			t.Error("Add answered")
		}
		if _, err := keys.List(ctx); err == nil {
			t.Error("List answered")
		}
	},
}

func record(issuer, kid, purpose string, algorithm jose.Algorithm) Record {
	return Record{
		Label:     backend.Label{Issuer: issuer, KeyID: kid, Purpose: purpose, Algorithm: algorithm},
		State:     Active,
		Created:   time.Date(2026, 3, 1, 12, 0, 0, int(7*time.Millisecond), time.UTC),
		PublicJWK: []byte(`{"kty":"EC"}`),
		Handle:    []byte{0, 1, 0xff, '\''},
	}
}

func add(t *testing.T, keys Keys, r Record) {
	t.Helper()
	if err := keys.Add(t.Context(), r); err != nil {
		t.Fatal(err)
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
