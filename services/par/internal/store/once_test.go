package store

import (
	"context"
	"testing"
	"time"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnce is the contract of a request_uri.
func TestOnce(t *testing.T) { once.Redis(t, things()) }

// things that are spent here: in the end, a request_uri is by the grant that came of it.
func things() once.Things {
	issuer := storetest.Issuer()
	return once.Things{"request_uri": {Kind: once.Kind{Elsewhere: true}, Open: func(_ testing.TB, client *redisconn.Client) once.Store {
		requests := NewRedis(client)
		return once.Store{
			Keep: func(ctx context.Context, id string) error {
				_, err := requests.Put(ctx, issuer, id, request("client-1"), time.Hour, unlimited)
				return err
			},
			Spend: func(ctx context.Context, s once.Spending) (bool, error) {
				return requests.Burn(ctx, issuer, s.ID, s.Attempt, s.Life)
			},
			Left: func(ctx context.Context, id string) (bool, error) {
				_, found, err := requests.Get(ctx, issuer, id)
				return found, err
			},
		}
	}}}
}
