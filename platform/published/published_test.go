package published_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"

	"github.com/strongroom-fapi/strongroom/fapi/issuer"
	"github.com/strongroom-fapi/strongroom/fapi/jose"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/platform/published"
	"github.com/strongroom-fapi/strongroom/platform/rpc"
	keysv1 "github.com/strongroom-fapi/strongroom/proto/gen/strongroom/keys/v1"
)

// service stands for the keys service: it publishes keys by kid and counts who asks.
type service struct {
	keysv1.KeysServiceClient
	mu    sync.Mutex
	kids  []string
	asked atomic.Int32
	down  error
}

func (s *service) publish(kids ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kids = kids
}

func (s *service) PublicKeys(context.Context, *keysv1.PublicKeysRequest, ...grpc.CallOption) (*keysv1.PublicKeysResponse, error) {
	s.asked.Add(1)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down != nil {
		return nil, s.down
	}
	var keys []*jose.Key
	for _, kid := range s.kids {
		private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		key, err := jose.NewKey(private.Public(), kid)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	jwks, err := jose.NewKeySet(keys...).MarshalJSON()
	return &keysv1.PublicKeysResponse{Jwks: jwks}, err
}

func begin(t *testing.T) (context.Context, *service, *clock.Manual, *published.Keys) {
	t.Helper()
	set, err := issuer.NewSet(issuer.Issuer{
		Name: "bank", Identifier: "https://as.example/bank", MTLSBase: "https://mtls.as.example/bank", Profile: "fapi2-security",
		InteractionURL: "https://bank.example/login", Resource: "https://api.bank.example/", Scopes: []issuer.Scope{{Name: "accounts"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	of, _ := set.ByName("bank")
	s, clk := &service{}, clock.NewManual(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	ctx := rpc.WithScope(t.Context(), rpc.NewScope(set, of, "attempt", "6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
	return ctx, s, clk, published.New(s, clk)
}

func find(t *testing.T, ctx context.Context, keys *published.Keys, kid string) bool { //nolint:revive // the test comes first in a helper
	t.Helper()
	found, err := keys.Find(ctx, kid)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range found.Keys() {
		if key.ID() == kid {
			return true
		}
	}
	return false
}

// TestNewKeyIsSeenInTime: at once where it is looked for, and by itself long before it
// signs.
func TestNewKeyIsSeenInTime(t *testing.T) {
	ctx, s, clk, keys := begin(t)
	s.publish("a")
	if !find(t, ctx, keys, "a") {
		t.Error("a is not found")
	}
	s.publish("a", "b")
	clk.Advance(5 * time.Second)
	if !find(t, ctx, keys, "b") {
		t.Error("b is not found 5 seconds later")
	}
}

// TestWithdrawnKeyIsForgotten within seconds, though nobody looks for another.
func TestWithdrawnKeyIsForgotten(t *testing.T) {
	ctx, s, clk, keys := begin(t)
	s.publish("a", "b")
	find(t, ctx, keys, "a")
	s.publish("b")
	clk.Advance(15 * time.Second)
	if find(t, ctx, keys, "a") {
		t.Error("a is still found after 15 seconds")
	}
}

// TestMadeUpKidsAreBounded: 1,000 of them, by many at once, cost one question.
func TestMadeUpKidsAreBounded(t *testing.T) {
	ctx, s, clk, keys := begin(t)
	s.publish("a")
	find(t, ctx, keys, "a")
	clk.Advance(6 * time.Second)
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for range 50 {
				if _, err := keys.Find(ctx, "made-up"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	if asked := s.asked.Load(); asked != 2 {
		t.Errorf("the keys were asked for %d times", asked)
	}
}

// TestServiceDown: old keys are believed for seconds and no longer.
func TestServiceDown(t *testing.T) {
	ctx, s, clk, keys := begin(t)
	s.publish("a")
	find(t, ctx, keys, "a")
	s.mu.Lock()
	s.down = errors.New("down")
	s.mu.Unlock()
	clk.Advance(14 * time.Second)
	if !find(t, ctx, keys, "a") {
		t.Error("a is forgotten at once")
	}
	clk.Advance(time.Second)
	if _, err := keys.Find(ctx, "a"); !errors.Is(err, s.down) {
		t.Errorf("got %v", err)
	}
}
