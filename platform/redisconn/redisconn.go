// Package redisconn opens the Redis of a service: where what expires is kept.
package redisconn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/secret"
)

// Config is where a service keeps what expires.
type Config struct {
	// URL is redis://USER:PASSWORD@HOST:PORT/DB, or rediss:// for TLS. Better
	// written as file:PATH of a file that holds it.
	URL secret.Text `yaml:"url"`
	// PoolSize is the most connections. Default 16.
	PoolSize int `yaml:"pool_size"`
}

// Validate tells what is missing.
func (c Config) Validate() error {
	if _, err := redis.ParseURL(c.URL.Reveal()); err != nil {
		return errors.New("redis.url must begin with redis:// or rediss://")
	}
	return nil
}

// Open connects when first used. Commands are never sent twice by the client
// itself: what burns is retried by the caller, under its attempt id.
func Open(c Config) (redis.UniversalClient, error) {
	options, err := redis.ParseURL(c.URL.Reveal())
	if err != nil {
		return nil, errors.New("redis.url is not a Redis URL")
	}
	options.PoolSize = c.PoolSize
	if options.PoolSize == 0 {
		options.PoolSize = 16
	}
	options.MaxRetries = -1
	options.DialTimeout = time.Second
	options.ReadTimeout = time.Second
	options.WriteTimeout = time.Second
	options.DisableIdentity = true
	return redis.NewClient(options), nil
}

// Failed makes the refusal for a store that could not answer: nothing is let
// through (closed where a store cannot answer).
func Failed(operation string, err error) error {
	return oauth.Unavailable(1).Because(fmt.Errorf("%s: %w", operation, err))
}

// Burn marks a key as spent by an attempt until ttl has passed. It answers true
// for the first attempt and for the same attempt again after a lost reply, false
// for every other.
func Burn(ctx context.Context, client redis.Cmdable, key, attempt string, ttl time.Duration) (bool, error) {
	first, err := client.SetNX(ctx, key, attempt, ttl).Result()
	if err != nil || first {
		return first, err
	}
	by, err := client.Get(ctx, key).Result()
	if errors.Is(err, redis.Nil) {
		return false, nil // the mark expired between the two commands: it was another's
	}
	return by == attempt, err
}
