package directory_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/fapi/metadata"
	"github.com/strongroom-fapi/strongroom/fapi/names"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/directory"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/store"
)

// counted is a store that has every client, and counts how often it is asked.
type counted struct {
	store.Clients
	store.Marks
	jwks         []byte
	reads, marks int
}

func (c *counted) Get(_ context.Context, _, clientID string) (store.Record, bool, error) {
	c.reads++
	return store.Record{ClientID: clientID, Generation: 1, Active: true, Metadata: metadata.Client{
		TokenEndpointAuthMethod: oauth.AuthPrivateKeyJWT, JWKS: c.jwks, RedirectURIs: []string{"https://client.example/cb"},
	}}, true, nil
}

func (c *counted) Generation(context.Context, string, string) (int64, error) {
	c.marks++
	return 1, nil
}

// keys is a set, with whatever more their owner put into it.
func keys(t testing.TB, count, padding int) []byte {
	t.Helper()
	var all []*jose.Key
	for n := range count {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, err := jose.NewKey(private.Public(), fmt.Sprint(n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, key)
	}
	text, err := jose.NewKeySet(all...).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return []byte(`{"x":"` + strings.Repeat("x", padding) + `",` + string(text[1:]))
}

func itself(issuer, _ string) (string, names.Policy) { return issuer, names.Policy{} }

// TestManyClients: a client in use among 40,000 costs what it costs among 10: one
// question for its generation, none for the client itself.
func TestManyClients(t *testing.T) {
	const capacity = 131072 // the default of cached_clients
	for _, clients := range []int{10, 40_000} {
		t.Run(fmt.Sprint(clients), func(t *testing.T) {
			stores := &counted{jwks: keys(t, 1, 0)}
			d := directory.New(stores, stores, itself, capacity)
			use := func(n int) {
				client, err := d.Recall(t.Context(), "bank", fmt.Sprint(n))
				if err == nil {
					client, err = d.Current(t.Context(), client)
				}
				if err != nil || client.ID() != fmt.Sprint(n) {
					t.Fatalf("client is %v, %v", client, err)
				}
			}
			for n := range clients {
				use(n)
			}
			if stores.reads != clients {
				t.Errorf("%d reads at first", stores.reads)
			}
			stores.reads, stores.marks = 0, 0
			for n := range clients {
				use(n * 7919 % clients)
			}
			if stores.reads != 0 || stores.marks != clients {
				t.Errorf("%d reads and %d marks for %d uses", stores.reads, stores.marks, clients)
			}
		})
	}
}

// TestMemoryIsBounded: clients that are much larger than usual drive each other
// out, so that nobody fills the memory by registering.
func TestMemoryIsBounded(t *testing.T) {
	stores := &counted{jwks: keys(t, 1, 100<<10)}
	d := directory.New(stores, stores, itself, 100)
	for range 2 {
		for n := range 50 {
			if _, err := d.Recall(t.Context(), "bank", fmt.Sprint(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if stores.reads != 100 {
		t.Errorf("50 clients of 100 KiB stayed in the place of 100 usual ones: %d reads", stores.reads)
	}
}

// BenchmarkAmong10000 is what it takes to recall one client.
func BenchmarkAmong10000(b *testing.B) {
	stores := &counted{jwks: keys(b, 3, 0)}
	d := directory.New(stores, stores, itself, 131072)
	ids := make([]string, 10_000)
	for n := range ids {
		ids[n] = fmt.Sprint(n)
		if _, err := d.Recall(b.Context(), "bank", ids[n]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if _, err := d.Recall(b.Context(), "bank", ids[n*7919%len(ids)]); err != nil {
			b.Fatal(err)
		}
	}
}
