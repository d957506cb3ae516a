package store

import (
	"context"
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

func TestRedis(t *testing.T) {
	for name, rule := range contract {
		t.Run(name, func(t *testing.T) {
			storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
				rule(t, bench{NewRedis(client), storetest.Issuer(), storetest.Issuer()})
			})
		})
	}
}

// bench is a store with two issuers of its own.
type bench struct {
	requests      Requests
	issuer, other string
}

var unlimited = Limit{}

var expires = time.Date(2026, 3, 1, 12, 1, 0, 0, time.UTC)

func request(client string) Request {
	return Request{ClientID: client, Params: map[string]string{"scope": "openid", "state": `{"a":"é\u0000"}`}, Expires: expires}
}

// contract is what every store of requests must hold to.
var contract = map[string]func(*testing.T, bench){
	"a request comes back as it was put, as often as asked (SP2-35)": func(t *testing.T, b bench) {
		b.put(t, "ref", request("client-1"))
		for range 3 {
			if got, found := b.get(t, b.issuer, "ref"); !found || !reflect.DeepEqual(got, request("client-1")) {
				t.Errorf("%+v, %t", got, found)
			}
		}
	},
	"what was not put is not found": func(t *testing.T, b bench) {
		b.put(t, "ref", request("client-1"))
		for _, reference := range []string{"", "other", "ref ", "REF", "ref}"} {
			if _, found := b.get(t, b.issuer, reference); found {
				t.Errorf("%q is found", reference)
			}
		}
	},
	"issuers do not see each other (BAD-38)": func(t *testing.T, b bench) {
		b.put(t, "ref", request("client-1"))
		if _, found := b.get(t, b.other, "ref"); found {
			t.Error("the other issuer finds the request")
		}
		if !b.burn(t, b.other, "ref", "a") {
			t.Error("the other issuer cannot burn its own")
		}
		if _, found := b.get(t, b.issuer, "ref"); !found {
			t.Error("the other issuer burnt the request")
		}
		if !b.burn(t, b.issuer, "ref", "b") {
			t.Error("the other issuer's mark counts here")
		}
	},
	"what is burnt is gone, also for the attempt that burnt it (BAD-72)": func(t *testing.T, b bench) {
		b.put(t, "ref", request("client-1"))
		if !b.burn(t, b.issuer, "ref", "a") {
			t.Error("the first attempt is refused")
		}
		if _, found := b.get(t, b.issuer, "ref"); found {
			t.Error("it is still found")
		}
	},
	"the same attempt burns again after a lost reply, another does not": func(t *testing.T, b bench) {
		b.put(t, "ref", request("client-1"))
		for n, step := range []struct {
			attempt string
			want    bool
		}{{"a", true}, {"a", true}, {"b", false}, {"a", true}, {"", false}} {
			if got := b.burn(t, b.issuer, "ref", step.attempt); got != step.want {
				t.Errorf("step %d by %q: %t", n, step.attempt, got)
			}
		}
	},
	"burning needs no record: a user may take longer than the request_uri lives": func(t *testing.T, b bench) {
		if !b.burn(t, b.issuer, "ref", "a") || b.burn(t, b.issuer, "ref", "b") {
			t.Error("a reference without a record does not burn once")
		}
	},
	"of 100 attempts at once one burns": func(t *testing.T, b bench) {
		b.put(t, "ref", request("client-1"))
		var won atomic.Int32
		var group sync.WaitGroup
		for n := range 100 {
			group.Go(func() {
				burnt, err := b.requests.Burn(context.Background(), b.issuer, "ref", fmt.Sprint(n), time.Hour)
				if err != nil {
					t.Error(err)
				}
				if burnt {
					won.Add(1)
				}
			})
		}
		group.Wait()
		if won.Load() != 1 {
			t.Errorf("%d won", won.Load())
		}
	},
	"a client meets its limit, and what is over is not kept": func(t *testing.T, b bench) {
		limit := Limit{Most: 2, Minute: 100}
		for n, want := range []bool{true, true, false, false} {
			reference := fmt.Sprint("ref", n)
			if got := b.putLimited(t, b.issuer, reference, request("client-1"), limit); got != want {
				t.Errorf("push %d: kept %t", n, got)
			}
			if _, found := b.get(t, b.issuer, reference); found != want {
				t.Errorf("push %d: found %t", n, found)
			}
		}
		for name, kept := range map[string]bool{
			"another client":  b.putLimited(t, b.issuer, "x", request("client-2"), limit),
			"another issuer":  b.putLimited(t, b.other, "x", request("client-1"), limit),
			"the next minute": b.putLimited(t, b.issuer, "y", request("client-1"), Limit{Most: 2, Minute: 101}),
			"no limit":        b.putLimited(t, b.issuer, "z", request("client-1"), unlimited),
		} {
			if !kept {
				t.Errorf("%s: refused", name)
			}
		}
	},
	"of 100 pushes at once as many are kept as the limit says": func(t *testing.T, b bench) {
		var kept atomic.Int32
		var group sync.WaitGroup
		for n := range 100 {
			group.Go(func() {
				ok, err := b.requests.Put(context.Background(), b.issuer, fmt.Sprint(n), request("client-1"), time.Hour, Limit{Most: 30, Minute: 1})
				if err != nil {
					t.Error(err)
				}
				if ok {
					kept.Add(1)
				}
			})
		}
		group.Wait()
		if kept.Load() != 30 {
			t.Errorf("%d were kept", kept.Load())
		}
	},
	"a store that cannot answer is a refusal with 503": func(t *testing.T, b bench) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, put := b.requests.Put(ctx, b.issuer, "ref", request("client-1"), time.Hour, Limit{Most: 1})
		_, plain := b.requests.Put(ctx, b.issuer, "ref", request("client-1"), time.Hour, unlimited)
		_, _, get := b.requests.Get(ctx, b.issuer, "ref")
		_, burn := b.requests.Burn(ctx, b.issuer, "ref", "a", time.Hour)
		for name, err := range map[string]error{"put": put, "put without a limit": plain, "get": get, "burn": burn} {
			if refusal, ok := oauth.AsError(err); !ok || refusal.HTTPStatus() != 503 {
				t.Errorf("%s: %v", name, err)
			}
		}
	},
}

func (b bench) put(t *testing.T, reference string, r Request) {
	t.Helper()
	if !b.putLimited(t, b.issuer, reference, r, unlimited) {
		t.Fatal("not kept")
	}
}

func (b bench) putLimited(t *testing.T, issuer, reference string, r Request, limit Limit) bool {
	t.Helper()
	kept, err := b.requests.Put(t.Context(), issuer, reference, r, time.Hour, limit)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

func (b bench) get(t *testing.T, issuer, reference string) (Request, bool) {
	t.Helper()
	r, found, err := b.requests.Get(t.Context(), issuer, reference)
	if err != nil {
		t.Fatal(err)
	}
	return r, found
}

func (b bench) burn(t *testing.T, issuer, reference, attempt string) bool {
	t.Helper()
	burnt, err := b.requests.Burn(t.Context(), issuer, reference, attempt, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return burnt
}

// TestCrashBetweenMarkAndRemoval: Burn marks and then removes; what dies between
// the two leaves both, and the request is as good as gone.
func TestCrashBetweenMarkAndRemoval(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		b := bench{requests: NewRedis(client), issuer: storetest.Issuer()}
		b.put(t, "ref", request("client-1"))
		if _, err := client.Burn(t.Context(), redisconn.Spending{Key: burntKey(b.issuer, "ref"), Attempt: "a", TTL: time.Hour}); err != nil {
			t.Fatal(err)
		}
		if _, found := b.get(t, b.issuer, "ref"); found {
			t.Error("a burnt request is found")
		}
		if b.burn(t, b.issuer, "ref", "b") {
			t.Error("another attempt burns it again")
		}
		if !b.burn(t, b.issuer, "ref", "a") {
			t.Error("the attempt that died cannot go on")
		}
		if n := client.Exists(t.Context(), recordKey(b.issuer, "ref")).Val(); n != 0 {
			t.Error("the record was left")
		}
	})
}

// TestKeys: nothing lives for ever, and who reads the store cannot use it.
func TestKeys(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		b := bench{requests: NewRedis(client), issuer: storetest.Issuer()}
		b.putLimited(t, b.issuer, "kept-secret", request("client-1"), Limit{Most: 1, Minute: 1})
		b.burn(t, b.issuer, "spent-secret", "a")
		keys, err := client.Keys(t.Context(), "par:{"+b.issuer+"/*").Result()
		if err != nil || len(keys) != 3 {
			t.Fatalf("%d keys, %v", len(keys), err)
		}
		for _, key := range keys {
			if left := client.TTL(t.Context(), key).Val(); left <= 0 || left > time.Hour {
				t.Errorf("%s lives for %s", key, left)
			}
			if strings.Contains(key, "secret") {
				t.Errorf("%s holds a request_uri", key)
			}
		}
	})
}
