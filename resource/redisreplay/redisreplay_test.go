package redisreplay_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
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
// the environment names it. That one is shared, and so never filled; a database of
// its own is emptied.
func TestReplays(t *testing.T) {
	t.Run("embedded", func(t *testing.T) { replaytest.Run(t, embedded) })
	if address := os.Getenv(redisURL); address != "" {
		t.Run("redis", func(t *testing.T) {
			replaytest.Run(t, func(t *testing.T) replaytest.Store {
				address := address + "/8"
				return replaytest.Store{
					Replicas: replicas(t, address, nil), Now: time.Now, Advance: time.Sleep,
					Forget: func(t *testing.T) {
						if err := newClient(t, address).FlushDB(t.Context()).Err(); err != nil {
							t.Fatal(err)
						}
					},
				}
			})
		})
	}
}

// newServer is an embedded Redis that tells its life as a real one does.
func newServer(t *testing.T) *miniredis.Miniredis {
	m := miniredis.RunT(t)
	m.Server().SetPreHook(func(c *server.Peer, command string, _ ...string) bool {
		if command != "INFO" {
			return false
		}
		c.WriteBulk("# Replication\r\nrole:master\r\nmaster_replid:8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb\r\n")
		return true
	})
	return m
}

func embedded(t *testing.T) replaytest.Store {
	server, clock := newServer(t), &clock{time.Unix(1772366400, 0)}
	server.SetTime(clock.now)
	return replaytest.Store{
		Replicas: replicas(t, "redis://"+server.Addr(), clock),
		Now:      clock.Now,
		Advance: func(d time.Duration) {
			clock.now = clock.now.Add(d)
			server.SetTime(clock.now)
			server.FastForward(d)
		},
		Fill:   func(*testing.T) { server.SetError("OOM command not allowed when used memory > 'maxmemory'.") },
		Forget: func(*testing.T) { server.FlushAll() },
	}
}

// use is of a proof that no store can have forgotten.
func use(id string) resource.Use {
	return resource.Use{ID: id, Issued: time.Now().Add(time.Hour), Until: time.Now().Add(time.Minute)}
}

// TestUnreachable: no answer is a refusal, never a pass.
func TestUnreachable(t *testing.T) {
	server := newServer(t)
	replays := redisreplay.New(newClient(t, "redis://"+server.Addr()), "api", nil)
	server.Close()
	if first, err := replays.Burn(t.Context(), use("p")); first || err == nil {
		t.Error(first, err)
	}
}

// TestLifeUnknown: a store that does not tell its life is believed nothing.
func TestLifeUnknown(t *testing.T) {
	replays := redisreplay.New(newClient(t, "redis://"+miniredis.RunT(t).Addr()), "api", nil)
	if first, err := replays.Burn(t.Context(), use("p")); first || err == nil {
		t.Error(first, err)
	}
}

// TestClientsAhead: where clocks agree, what is made after a birth passes at once.
func TestClientsAhead(t *testing.T) {
	server := newServer(t)
	for _, row := range []struct {
		options []redisreplay.Option
		issued  time.Duration // from the birth on
		passes  bool
	}{
		{nil, 29 * time.Second, false},
		{nil, 31 * time.Second, true},
		{[]redisreplay.Option{redisreplay.ClientsAhead(5 * time.Second)}, 4 * time.Second, false},
		{[]redisreplay.Option{redisreplay.ClientsAhead(5 * time.Second)}, 6 * time.Second, true},
		{[]redisreplay.Option{redisreplay.ClientsAhead(0)}, -time.Second, false},
		{[]redisreplay.Option{redisreplay.ClientsAhead(0)}, time.Second, true},
	} {
		server.FlushAll()
		replays := redisreplay.New(newClient(t, "redis://"+server.Addr()), "api", nil, row.options...)
		proof := use("p")
		proof.Issued = time.Now().Add(row.issued)
		if first, err := replays.Burn(t.Context(), proof); first != row.passes || (err == nil) != row.passes {
			t.Errorf("%d options, %s: %t, %v", len(row.options), row.issued, first, err)
		}
	}
}

// TestKeys: each API has its own, those of proofs end, and they tell nothing.
func TestKeys(t *testing.T) {
	server := newServer(t)
	client := newClient(t, "redis://"+server.Addr())
	for _, api := range []string{"accounts", "payments"} {
		if first, err := redisreplay.New(client, api, nil).Burn(t.Context(), use("told")); !first || err != nil {
			t.Error(api, first, err)
		}
	}
	keys, err := client.Keys(context.Background(), "*/proof/*").Result()
	if all := client.DBSize(t.Context()).Val(); err != nil || len(keys) != 2 || all != 4 {
		t.Fatal(keys, all, err)
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
