package store

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// NewOpaque keeps opaque tokens in Redis.
func NewOpaque(client *redisconn.Client) Opaque { return opaque{client} }

type opaque struct{ client *redisconn.Client }

func (o opaque) Put(ctx context.Context, issuer, token string, claims []byte, ttl time.Duration) error {
	if err := o.client.Set(ctx, opaqueKey(issuer, token), claims, ttl).Err(); err != nil {
		return redisconn.Failed("put token", err)
	}
	return nil
}

func (o opaque) Get(ctx context.Context, issuer, token string) ([]byte, bool, error) {
	claims, err := o.client.Get(ctx, opaqueKey(issuer, token)).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, redisconn.Failed("get token", err)
	}
	return claims, true, nil
}
