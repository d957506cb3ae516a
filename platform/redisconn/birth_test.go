package redisconn_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/fapi/profile"
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

// TestClientsAhead: what a client dated ahead of the store's clock may have been
// used before the birth that it seems to follow. Who comes too soon is told when to
// come again.
func TestClientsAhead(t *testing.T) {
	open := func(ahead *time.Duration) *redisconn.Client {
		client, err := redisconn.Open(redisconn.Config{URL: secret.New(storetest.Embedded(t)), ClientsAhead: ahead})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = client.Close() })
		return client
	}
	for _, row := range []struct {
		name       string
		ahead      *time.Duration
		issued     time.Duration // from the birth on
		believed   bool
		retryAfter int
	}{
		{"by default, of the time of the birth", nil, 0, false, 30},
		{"by default, ahead as far as the profile tolerates", nil, 29 * time.Second, false, 30},
		{"by default, later", nil, 31 * time.Second, true, 0},
		{"where clocks agree within five seconds, sooner", new(5 * time.Second), 4 * time.Second, false, 5},
		{"where clocks agree within five seconds, later", new(5 * time.Second), 6 * time.Second, true, 0},
		{"where clocks agree", new(time.Duration(0)), time.Second, true, 0},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := spending("a", "attempt")
			s.Issued = time.Now().Add(row.issued)
			used, err := open(row.ahead).Burn(t.Context(), s)
			if used != row.believed || (err == nil) != row.believed {
				t.Errorf("%t, %v", used, err)
			}
			if refusal, ok := oauth.AsError(redisconn.Failed("burn", err)); err != nil && (!ok || refusal.RetryAfter != row.retryAfter) {
				t.Errorf("%+v", refusal)
			}
		})
	}
	for _, wrong := range []time.Duration{-time.Second, 61 * time.Second} {
		if err := (redisconn.Config{URL: secret.New("redis://127.0.0.1:1"), ClientsAhead: &wrong}).Validate(); err == nil || !strings.Contains(err.Error(), "redis.clients_ahead") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// TestClientsAheadCoversEveryProfile: no profile tolerates more than the default.
func TestClientsAheadCoversEveryProfile(t *testing.T) {
	const byDefault = 30 * time.Second // as TestClientsAhead shows
	for _, p := range profile.All() {
		if p.Limits.ClockTolerance > byDefault {
			t.Errorf("%s tolerates %s", p.Name, p.Limits.ClockTolerance)
		}
	}
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

// TestTheFirstBirthIsTheSame: who wrote a birth down and then reads it is told of no
// other.
func TestTheFirstBirthIsTheSame(t *testing.T) {
	storetest.EachForgetfulRedis(t, func(t *testing.T, client *redisconn.Client, forget func()) {
		forget()
		ctx, cancel := context.WithTimeout(t.Context(), 2500*time.Millisecond) // two looks
		defer cancel()
		watcher := &redisconn.Watcher{
			Service: "par", Log: slog.New(slog.DiscardHandler),
			Reborn: func() { t.Error("the same birth was told as another") },
		}
		if err := client.WatchBirths(ctx, watcher); err != nil || watcher.Births() != 1 {
			t.Errorf("%d births, %v", watcher.Births(), err)
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
