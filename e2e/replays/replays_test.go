//go:build e2e

// Package replays holds the resource servers' store of used proofs to the contract
// of the suite's own.
package replays

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
	"github.com/strongroom-fapi/strongroom/resource"
	"github.com/strongroom-fapi/strongroom/resource/redisreplay"
)

// proofs have no attempt that may come again: an API is asked anew with a new one.
func proofs() once.Things {
	api := oauth.NewID()
	return once.Things{"proof at an API": {Kind: once.Kind{NoRetry: true}, Open: func(_ testing.TB, client *redisconn.Client) once.Store {
		replays := redisreplay.New(redis.Cmdable(client), api, nil, redisreplay.ClientsAhead(0))
		return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
			return replays.Burn(ctx, resource.Use{ID: s.ID, Issued: s.Issued, Until: time.Now().Add(s.Life)})
		}}
	}}}
}

func TestOnce(t *testing.T) { once.Redis(t, proofs()) }

// TestOnceDeployed: the same, where another Redis can take over.
func TestOnceDeployed(t *testing.T) { once.Deployed(t, proofs()) }
