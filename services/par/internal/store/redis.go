package store

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// Redis is Requests in Redis.
type Redis struct{ client *redisconn.Client }

var _ Requests = (*Redis)(nil)

// countTTL outlives the minute that is counted.
const countTTL = 2 * time.Minute

// NewRedis makes the store.
func NewRedis(client *redisconn.Client) *Redis { return &Redis{client} }

// Put counts and writes in one trip. A count that is over the limit takes the
// record back: a client that floods pays with a second trip, others do not.
func (r *Redis) Put(ctx context.Context, issuer, reference string, request Request, ttl time.Duration, limit Limit) (bool, error) {
	record, err := json.Marshal(request)
	if err != nil {
		return false, err
	}
	key := recordKey(issuer, reference)
	set := redis.NewStatusCmd(ctx, "set", key, record, "px", ttl.Milliseconds())
	if limit.Most == 0 {
		if r.client.Trip(ctx, set); set.Err() != nil {
			return false, redisconn.Failed("put request", set.Err())
		}
		return true, nil
	}
	counter := countKey(issuer, request.ClientID, limit.Minute)
	count := redis.NewIntCmd(ctx, "incr", counter)
	expire := redis.NewBoolCmd(ctx, "expire", counter, int(countTTL.Seconds()))
	r.client.Trip(ctx, count, expire, set)
	err = errors.Join(count.Err(), expire.Err(), set.Err())
	over := count.Val() > int64(limit.Most)
	if err == nil && over {
		err = r.client.Del(ctx, key).Err()
	}
	if err != nil {
		return false, redisconn.Failed("put request", err)
	}
	return !over, nil
}

// Get reads the record and, in the same trip, whether it was burnt: the two can
// be there together when a burn lost its reply halfway.
func (r *Redis) Get(ctx context.Context, issuer, reference string) (Request, bool, error) {
	found, err := r.client.MGet(ctx, recordKey(issuer, reference), burntKey(issuer, reference)).Result()
	if err != nil {
		return Request{}, false, redisconn.Failed("get request", err)
	}
	record, ok := found[0].(string)
	if !ok || found[1] != nil {
		return Request{}, false, nil
	}
	var request Request
	if err := json.Unmarshal([]byte(record), &request); err != nil {
		return Request{}, false, redisconn.Failed("decode request", errors.New("the record is not ours"))
	}
	return request, true, nil
}

// Burn marks first and removes afterwards: a crash between the two leaves a
// record that Get no longer answers.
func (r *Redis) Burn(ctx context.Context, issuer, reference, attempt string, ttl time.Duration) (bool, error) {
	burnt, err := r.client.Burn(ctx, redisconn.Spending{Key: burntKey(issuer, reference), Attempt: attempt, TTL: ttl})
	if err == nil && burnt {
		err = r.client.Del(ctx, recordKey(issuer, reference)).Err()
	}
	if err != nil {
		return false, redisconn.Failed("burn request", err)
	}
	return burnt, nil
}
