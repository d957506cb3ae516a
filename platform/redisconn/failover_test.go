//go:build e2e

package redisconn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestSentinelFailOver: the writes of a primary that its replica had not seen are
// lost, and nothing that they marked is spent again.
func TestSentinelFailOver(t *testing.T) {
	address, primary, replica := storetest.NewSentinels(t)
	outlives(t, storetest.OpenRedis(t, address), func() {
		replica.Do(t, "replicaof", "no", "one") // it sees no more: what comes is lost
	}, func() {
		host, port, _ := strings.Cut(primary.Address, ":")
		replica.Do(t, "replicaof", host, port)
		primary.Kill()
	})
}

// TestClusterFailOver is the same of a cluster, where a replica takes the slots of
// its primary over.
func TestClusterFailOver(t *testing.T) {
	address, servers := storetest.NewCluster(t, true)
	outlives(t, storetest.OpenRedis(t, address), func() {}, func() {
		for _, primary := range servers[:3] {
			primary.Do(t, "config", "set", "min-replicas-to-write", "0")
		}
		for _, replica := range servers[3:] {
			replica.Do(t, "cluster", "failover", "takeover")
		}
	})
}

// outlives spends ids, lets the store fail over, and spends them again. lose may
// cut the replica off before the last of them.
func outlives(t *testing.T, client *redisconn.Client, lose, failOver func()) {
	t.Helper()
	burn := func(key, attempt string, issued time.Time) (bool, error) {
		s := spending(key, attempt)
		s.Issued = issued
		return client.Burn(t.Context(), s)
	}
	before := time.Now()
	keys := []string{"a", "b", "c", "d", "e", "f", "g", "h"} // of all primaries
	lose()
	for _, key := range keys {
		if used, err := burn(key, "first", before); !used || err != nil {
			t.Fatalf("%s before: %t, %v", key, used, err)
		}
	}
	failOver()
	storetest.Eventually(t, "the store answers again", func() bool {
		for _, key := range keys {
			if _, err := burn("fresh "+key+time.Now().String(), "x", time.Now().Add(time.Second)); err != nil {
				return false
			}
		}
		return true
	})
	for _, key := range keys {
		if used, _ := burn(key, "second", before); used {
			t.Errorf("%s is spent twice", key)
		}
		if used, err := burn("another "+key, "first", before); used || err == nil {
			t.Errorf("of before, and never seen: %t, %v", used, err)
		}
	}
	time.Sleep(2 * time.Millisecond) // the birth has the precision of a millisecond
	for _, key := range keys {
		if used, err := burn("young "+key, "first", time.Now()); !used || err != nil {
			t.Errorf("a fresh one: %t, %v", used, err)
		}
	}
}

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
