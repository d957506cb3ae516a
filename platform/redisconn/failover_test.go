//go:build e2e

package redisconn_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnceDeployed: the same, where another server can take over.
func TestOnceDeployed(t *testing.T) { once.Deployed(t, once.Things{"mark": mark}) }

// TestClusterForgets: each primary has its own birth.
func TestClusterForgets(t *testing.T) {
	address, servers := storetest.NewCluster(t, false)
	client := storetest.OpenRedis(t, address)
	before := time.Now()
	servers[1].Do(t, "flushall")
	refused := 0
	for n := range 60 {
		s := spending(strings.Repeat("k", n+1), "first")
		s.Issued = before
		if _, err := client.Burn(t.Context(), s); err != nil {
			refused++
		}
	}
	if refused < 5 || refused > 40 {
		t.Errorf("%d of 60 are refused where one primary of three forgot", refused)
	}
}

// TestClusterFailOverIsNoticed: a client that asks for no birth, and to which nobody
// says that a slot has moved, learns of the new primary by what it cannot send to the
// one before.
func TestClusterFailOverIsNoticed(t *testing.T) {
	address, servers := storetest.NewCluster(t, true)
	for name, send := range map[string]func(*redisconn.Client, string) error{
		"a command": func(client *redisconn.Client, key string) error { return client.Set(t.Context(), key, "1", 0).Err() },
		"a trip": func(client *redisconn.Client, key string) error {
			set, get := redis.NewStatusCmd(t.Context(), "set", key, "1"), redis.NewStringCmd(t.Context(), "get", key)
			client.Trip(t.Context(), set, get)
			return errors.Join(set.Err(), get.Err())
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := storetest.OpenRedis(t, address)
			primary, replica := servers[0], servers[3]
			if !primary.Primary(t) {
				primary, replica = replica, primary
			}
			key := keyAt(t, primary)
			if err := send(client, key); err != nil {
				t.Fatal(err)
			}
			primary.Kill()
			storetest.Eventually(t, "the replica takes over", func() bool { return replica.Primary(t) })
			storetest.Eventually(t, "the client finds it", func() bool { return send(client, key) == nil })
			primary.Return(t)
			storetest.Eventually(t, "the dead one returns as a replica", func() bool { return primary.Follows(t) })
		})
	}
}

// keyAt is a key that a server has.
func keyAt(t *testing.T, server *storetest.Server) string {
	t.Helper()
	one := redis.NewClient(&redis.Options{Addr: server.Address})
	defer func() { _ = one.Close() }()
	for n := range 100 {
		key := fmt.Sprintf("par:{%d}", n)
		if err := one.Get(t.Context(), key).Err(); errors.Is(err, redis.Nil) {
			return key
		}
	}
	t.Fatalf("%s has no slots", server.Address)
	return ""
}
