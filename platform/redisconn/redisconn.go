// Package redisconn opens the Redis of a service, where what expires is kept,
// and spends there what may be used once.
package redisconn

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
)

// Client is a connection to the store of a service.
type Client struct {
	redis.UniversalClient
	// cluster is the same, where it is one; else nil.
	cluster *redis.ClusterClient
	// slots are where each node of a cluster keeps its births, by address.
	slots  sync.Map
	joiner joiner
	// ahead is how far the clocks of clients may be ahead of the store's.
	ahead time.Duration
}

// Open connects when first used. Commands are never sent twice by the client
// itself: what burns is retried by the caller, under its attempt id.
func Open(c Config) (*Client, error) {
	client, err := c.client()
	if err != nil {
		return nil, err
	}
	ofCluster, _ := client.(*redis.ClusterClient)
	client.AddHook(spans{})
	return &Client{UniversalClient: client, cluster: ofCluster, ahead: c.clientsAhead()}, nil
}

// Failed makes the refusal for a store that could not answer: nothing is let
// through (closed where a store cannot answer). It asks to come again in a second,
// or when what is made then will be believed.
func Failed(operation string, err error) error {
	seconds := 1
	if old, ok := errors.AsType[beforeBirth](err); ok {
		seconds = old.seconds()
	}
	return oauth.Unavailable(seconds).Because(fmt.Errorf("%s: %w", operation, err))
}
