package redisconn_test

import (
	"context"
	"testing"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
	"github.com/strongroom-fapi/strongroom/platform/storetest/once"
)

// TestOnce is the contract of whatever is spent with a memory.
func TestOnce(t *testing.T) { once.Redis(t, once.Things{"mark": mark}) }

// mark is of a random id; of another at each Redis, then.
var mark = once.Thing{Open: func(_ testing.TB, client *redisconn.Client) once.Store {
	return once.Store{Spend: func(ctx context.Context, s once.Spending) (bool, error) {
		return client.Burn(ctx, redisconn.Spending{Key: "par:{" + s.ID + "}", Attempt: s.Attempt, TTL: s.Life, Issued: s.Issued})
	}}
}}
