package redisconn_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/redisconn/embedded"
	"github.com/strongroom-fapi/strongroom/platform/secret"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
)

// TestNothingOlderThanTheStoreIsBelieved: a store that forgot cannot tell whether
// an id was used, so that what is older than its memory is an error, and what is
// as young is taken at once.
func TestNothingOlderThanTheStoreIsBelieved(t *testing.T) {
	storetest.EachForgetfulRedis(t, func(t *testing.T, client *redisconn.Client, forget func()) {
		at := func(key, attempt string, issued time.Duration) (bool, error) {
			s := spending(key, attempt)
			s.Issued = s.Issued.Add(issued)
			return client.Burn(t.Context(), s)
		}
		if used, err := at("a", "first", -time.Minute); !used || err != nil {
			t.Fatalf("in its first life: %t, %v", used, err)
		}
		forget()
		for _, step := range []struct {
			name, key string
			issued    time.Duration
			believed  bool
		}{
			{"replayed after the store forgot", "a", -time.Minute, false},
			{"another from before", "b", -time.Second, false},
			{"a fresh one", "c", time.Second, true},
			{"one from before, later", "d", -time.Second, false},
		} {
			used, err := at(step.key, "second", step.issued)
			if used != step.believed || (err == nil) != step.believed {
				t.Errorf("%s: %t, %v", step.name, used, err)
			}
		}
		if used, _ := at("a", "third", -time.Minute); used {
			t.Error("the refused attempt made way for another")
		}
		if used, err := at("c", "third", time.Second); used || err != nil {
			t.Errorf("a replay within one life is no error: %t, %v", used, err)
		}
	})
}

// TestAttemptDoesNotOutliveTheStore: that a refused attempt left its own mark
// does not help it.
func TestAttemptDoesNotOutliveTheStore(t *testing.T) {
	storetest.EachForgetfulRedis(t, func(t *testing.T, client *redisconn.Client, forget func()) {
		s := spending("a", "attempt")
		forget()
		s.Issued = s.Issued.Add(-time.Second)
		for range 2 {
			if used, err := client.Burn(t.Context(), s); used || err == nil {
				t.Errorf("%t, %v", used, err)
			}
		}
	})
}

// TestWhatSQLDecidesNeedsNoMemory: codes and request_uris have no time of issue.
func TestWhatSQLDecidesNeedsNoMemory(t *testing.T) {
	storetest.EachForgetfulRedis(t, func(t *testing.T, client *redisconn.Client, forget func()) {
		forget()
		s := spending("a", "attempt")
		s.Issued = time.Time{}
		if used, err := client.Burn(t.Context(), s); !used || err != nil {
			t.Errorf("%t, %v", used, err)
		}
	})
}

// TestWatch notices a birth while nobody comes, and tells who keeps more in
// memory.
func TestWatch(t *testing.T) {
	storetest.EachForgetfulRedis(t, func(t *testing.T, client *redisconn.Client, forget func()) {
		ctx, cancel := context.WithCancel(t.Context())
		reborn, watched := make(chan struct{}, 1), make(chan error, 1)
		watcher := &redisconn.Watcher{
			Service: "par", Log: slog.New(slog.DiscardHandler),
			Reborn: func() { reborn <- struct{}{} },
		}
		go func() { watched <- client.WatchBirths(ctx, watcher) }()
		for watcher.Births() == 0 {
			time.Sleep(time.Millisecond)
		}
		forget()
		select {
		case <-reborn:
		case <-time.After(10 * time.Second):
			t.Error("nobody was told")
		}
		cancel()
		if err := <-watched; err != nil {
			t.Error(err)
		}
	})
}

// TestEvictingStoreIsRefused is BAD-146, THR-6: a store that makes room forgets
// what was used.
func TestEvictingStoreIsRefused(t *testing.T) {
	server := embedded.New()
	if err := embedded.Start(server, "127.0.0.1:0", "maxmemory_policy:allkeys-lru"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client, err := redisconn.Open(redisconn.Config{URL: secret.New("redis://" + server.Addr())})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	err = client.WatchBirths(t.Context(), &redisconn.Watcher{Service: "par", Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), "noeviction") || !strings.Contains(err.Error(), "allkeys-lru") {
		t.Errorf("got %v", err)
	}
}

// TestReplicaIsNoStore: what one writes to is a primary, or refused.
func TestReplicaIsNoStore(t *testing.T) {
	server := embedded.New()
	if err := embedded.Start(server, "127.0.0.1:0", "role:slave"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	client, err := redisconn.Open(redisconn.Config{URL: secret.New("redis://" + server.Addr())})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if used, err := client.Burn(t.Context(), spending("a", "attempt")); used || err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("%t, %v", used, err)
	}
}
