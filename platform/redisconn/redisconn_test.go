package redisconn_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// spending is of something that was made just now.
func spending(key, attempt string) redisconn.Spending {
	return redisconn.Spending{Key: "par:{" + key + "}", Attempt: attempt, TTL: time.Hour, Issued: time.Now()}
}

func burn(t *testing.T, client *redisconn.Client, key, attempt string) bool {
	t.Helper()
	burnt, err := client.Burn(t.Context(), spending(key, attempt))
	if err != nil {
		t.Fatal(err)
	}
	return burnt
}

// TestBurn: what is spent once is spent by one attempt, and by that one as often
// as its reply is lost.
func TestBurn(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		key := storetest.Issuer()
		for _, step := range []struct {
			name, key, attempt string
			want               bool
		}{
			{"the first attempt", key, "a", true},
			{"the same again", key, "a", true},
			{"another", key, "b", false},
			{"the first, after another tried", key, "a", true},
			{"no attempt at all", key, "", false},
			{"another key", key + "2", "b", true},
		} {
			if got := burn(t, client, step.key, step.attempt); got != step.want {
				t.Errorf("%s: %t", step.name, got)
			}
		}
	})
}

// TestBurnRace: of 100 attempts at once one wins, and every retry of it with it.
func TestBurnRace(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		key := storetest.Issuer()
		var winners sync.Map
		var won atomic.Int32
		var group sync.WaitGroup
		for n := range 100 {
			attempt := fmt.Sprint(n % 50) // each attempt twice, as after a lost reply
			group.Go(func() {
				burnt, err := client.Burn(context.Background(), spending(key, attempt))
				if err != nil {
					t.Error(err)
				}
				if burnt {
					winners.Store(attempt, true)
					won.Add(1)
				}
			})
		}
		group.Wait()
		different := 0
		winners.Range(func(any, any) bool { different++; return true })
		if different != 1 || won.Load() != 2 {
			t.Errorf("%d attempts won, in %d calls", different, won.Load())
		}
	})
}

// TestBurnExpires: a mark lives as long as was asked for. A retry does not
// prolong it.
func TestBurnExpires(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		key := storetest.Issuer()
		burn(t, client, key, "a")
		if left := client.PTTL(t.Context(), spending(key, "").Key).Val(); left <= 59*time.Minute || left > time.Hour {
			t.Errorf("it lives for %s", left)
		}
		if err := client.PExpire(t.Context(), spending(key, "").Key, time.Minute).Err(); err != nil {
			t.Fatal(err)
		}
		burn(t, client, key, "a")
		burn(t, client, key, "b")
		if left := client.PTTL(t.Context(), spending(key, "").Key).Val(); left > time.Minute {
			t.Errorf("it was prolonged to %s", left)
		}
		if err := client.PExpire(t.Context(), spending(key, "").Key, -time.Second).Err(); err != nil { // its time has come
			t.Fatal(err)
		}
		if !burn(t, client, key, "b") {
			t.Error("a mark outlived its time")
		}
	})
}

// TestBurnFailsClosed: a store that cannot answer lets nothing through.
func TestBurnFailsClosed(t *testing.T) {
	storetest.EachRedis(t, func(t *testing.T, client *redisconn.Client) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if burnt, err := client.Burn(ctx, spending(storetest.Issuer(), "a")); burnt || err == nil {
			t.Errorf("got %t, %v", burnt, err)
		}
	})
}

func TestFailed(t *testing.T) {
	cause := errors.New("connection refused")
	refusal, ok := oauth.AsError(redisconn.Failed("get code", cause))
	if !ok || refusal.HTTPStatus() != 503 || refusal.RetryAfter != 1 || !errors.Is(refusal, cause) {
		t.Errorf("%+v", refusal)
	}
	if strings.Contains(refusal.Description, "refused") || !strings.Contains(refusal.Error(), "get code") {
		t.Errorf("%v", refusal)
	}
}

func TestOpen(t *testing.T) {
	for _, size := range []struct{ configured, want int }{{0, 16}, {3, 3}} {
		client, err := redisconn.Open(redisconn.Config{URL: secret.New("rediss://u:p@redis.example:6380/2"), PoolSize: size.configured})
		if err != nil {
			t.Fatal(err)
		}
		options := client.UniversalClient.(*redis.Client).Options()
		if options.PoolSize != size.want || options.MaxRetries > 0 || options.TLSConfig == nil || options.DB != 2 || options.Addr != "redis.example:6380" {
			t.Errorf("%+v", options)
		}
		_ = client.Close()
	}
}

// TestErrorsDoNotRepeatThePassword, however wrong the URL is.
func TestErrorsDoNotRepeatThePassword(t *testing.T) {
	const password = "hunter2-correct-horse"
	for _, url := range []string{
		"", password, "http://u:" + password + "@redis.example", "redis://u:" + password + "@%zz", "redis://u:" + password + "@redis.example/x",
		"redis://u:" + password + "@redis.example:port/0", "redis://u:" + password + "@redis.example?dial_timeout=" + password,
	} {
		c := redisconn.Config{URL: secret.New(url)}
		_, opened := redisconn.Open(c)
		for _, err := range []error{c.Validate(), opened} {
			if err == nil || strings.Contains(fmt.Sprintf("%+v", err), password) {
				t.Errorf("%q: %v", url, err)
			}
		}
	}
	if err := (redisconn.Config{URL: secret.New("redis://u:" + password + "@127.0.0.1:1/0")}).Validate(); err != nil {
		t.Error(err)
	}
	client, err := redisconn.Open(redisconn.Config{URL: secret.New("redis://u:" + password + "@127.0.0.1:1/0")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if err := client.Ping(t.Context()).Err(); err == nil || strings.Contains(err.Error(), password) {
		t.Errorf("a Redis that is not there: %v", err)
	}
}

// TestADeadStoreIsDialledOnce: each try may take a second where a machine is gone, and
// the caller has been told 503 by then.
func TestADeadStoreIsDialledOnce(t *testing.T) {
	client, err := redisconn.Open(redisconn.Config{URL: secret.New("redis://127.0.0.1:1")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	dialled := &dials{}
	client.AddHook(dialled)
	if used, err := client.Burn(t.Context(), spending("a", "attempt")); used || err == nil {
		t.Errorf("%t, %v", used, err)
	}
	if n := dialled.Load(); n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

// TestPoolSizeIsAll: what goes in one trip has no connections of its own.
func TestPoolSizeIsAll(t *testing.T) {
	client, err := redisconn.Open(redisconn.Config{URL: secret.New(storetest.Embedded(t)), PoolSize: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	dialled := &dials{}
	client.AddHook(dialled)
	if err := client.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	first, second := redis.NewStatusCmd(t.Context(), "ping"), redis.NewStatusCmd(t.Context(), "ping")
	if client.Trip(t.Context(), first, second); first.Err() != nil || second.Err() != nil {
		t.Fatal(first.Err(), second.Err())
	}
	if n := dialled.Load(); n != 1 {
		t.Errorf("%d connections where the pool has one", n)
	}
}

// dials counts them.
type dials struct{ atomic.Int32 }

func (d *dials) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		d.Add(1)
		return next(ctx, network, address)
	}
}

func (*dials) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (*dials) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
