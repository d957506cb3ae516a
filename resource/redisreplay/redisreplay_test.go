package redisreplay_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/resource"
	"github.com/strongroom-fapi/strongroom/resource/redisreplay"
	"github.com/strongroom-fapi/strongroom/resource/replaytest"
)

// redisURL names a real Redis in the environment of the project's test command.
const redisURL = "STRONGROOM_TEST_REDIS"

func newClient(t *testing.T, address string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(address)
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries, options.DisableIdentity = -1, true
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

// replicas have a connection each, and share their API's name.
func replicas(t *testing.T, address string, clock redisreplay.Clock) [2]resource.Replays {
	api := oauth.NewID()
	return [2]resource.Replays{
		redisreplay.New(newClient(t, address), api, clock), redisreplay.New(newClient(t, address), api, clock),
	}
}

type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// TestReplays runs the contract on an embedded Redis, and on a real one where
// the environment names it. That one is shared, and so never filled.
func TestReplays(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { replaytest.Run(t, embedded) })
	if address := os.Getenv(redisURL); address != "" {
		t.Run("redis", func(t *testing.T) {
			replaytest.Run(t, func(t *testing.T) replaytest.Store {
				return replaytest.Store{Replicas: replicas(t, address, nil), Now: time.Now, Advance: time.Sleep}
			})
		})
	}
}

func embedded(t *testing.T) replaytest.Store {
	server, clock := miniredis.RunT(t), &clock{time.Unix(1772366400, 0)}
	return replaytest.Store{
		Replicas: replicas(t, "redis://"+server.Addr(), clock),
		Now:      clock.Now,
		Advance: func(d time.Duration) {
			clock.now = clock.now.Add(d)
			server.FastForward(d)
		},
		Fill: func(*testing.T) { server.SetError("OOM command not allowed when used memory > 'maxmemory'.") },
	}
}

// TestUnreachable: no answer is a refusal, never a pass.
func TestUnreachable(t *testing.T) {
	server := miniredis.RunT(t)
	replays := redisreplay.New(newClient(t, "redis://"+server.Addr()), "api", nil)
	server.Close()
	if first, err := replays.Burn(t.Context(), "p", time.Now().Add(time.Minute)); first || err == nil {
		t.Error(first, err)
	}
}

// TestKeys: each API has its own, they end, and they tell nothing.
func TestKeys(t *testing.T) {
	server := miniredis.RunT(t)
	client := newClient(t, "redis://"+server.Addr())
	for _, api := range []string{"accounts", "payments"} {
		if first, err := redisreplay.New(client, api, nil).Burn(t.Context(), "told", time.Now().Add(time.Minute)); !first || err != nil {
			t.Error(api, first, err)
		}
	}
	keys, err := client.Keys(context.Background(), "*").Result()
	if err != nil || len(keys) != 2 {
		t.Fatal(keys, err)
	}
	for _, key := range keys {
		if strings.Contains(key, "told") {
			t.Errorf("%s has the id", key)
		}
		if ttl := server.TTL(key); ttl <= 59*time.Second || ttl > time.Minute {
			t.Errorf("%s lives %s", key, ttl)
		}
	}
}
