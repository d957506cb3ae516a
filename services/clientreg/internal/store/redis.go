package store

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/redisconn"
)

// Redis is Marks in Redis.
type Redis struct{ client *redisconn.Client }

var _ Marks = (*Redis)(nil)

// NewRedis makes the store.
func NewRedis(client *redisconn.Client) *Redis { return &Redis{client} }

// Burn reads the generation in the same trip.
func (r *Redis) Burn(ctx context.Context, issuer, clientID string, use Use) (bool, int64, error) {
	get := redis.NewStringCmd(ctx, "get", generationKey(issuer, clientID))
	burnt, err := r.client.Burn(ctx, redisconn.Spending{
		Key:     usedKey(issuer, clientID, use.ID),
		Attempt: use.Attempt,
		TTL:     use.Until.Sub(use.Now) + redisconn.ClocksApart,
		Issued:  use.Issued,
	}, get)
	generation, getErr := number(get)
	if err := errors.Join(err, getErr); err != nil {
		return false, 0, redisconn.Failed("burn assertion", err)
	}
	return burnt, generation, nil
}

// Generation reads the mark.
func (r *Redis) Generation(ctx context.Context, issuer, clientID string) (int64, error) {
	get := redis.NewStringCmd(ctx, "get", generationKey(issuer, clientID))
	r.client.Trip(ctx, get)
	generation, err := number(get)
	if err != nil {
		return 0, redisconn.Failed("get generation", err)
	}
	return generation, nil
}

// number is the value of a mark, 0 where there is none.
func number(get *redis.StringCmd) (int64, error) {
	n, err := get.Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return n, err
}

// announce keeps the greatest number: who read an old record, and is slow to say
// so, must not hide a newer one.
var announce = redis.NewScript(`
local newest = redis.call('GET', KEYS[1])
if not newest or tonumber(newest) < tonumber(ARGV[1]) then
	redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
end
return 0`)

// Announce writes the mark.
func (r *Redis) Announce(ctx context.Context, issuer, clientID string, generation int64) error {
	err := announce.Run(ctx, r.client, []string{generationKey(issuer, clientID)}, generation, int(generationTTL.Seconds())).Err()
	if err != nil {
		return redisconn.Failed("announce generation", err)
	}
	return nil
}

// Count adds one.
func (r *Redis) Count(ctx context.Context, issuer string, of Counted, byHash string, period int64) (int64, error) {
	key := countKey(issuer, of, byHash, period)
	pipe := r.client.Pipeline()
	count := pipe.Incr(ctx, key)
	pipe.Expire(ctx, key, countTTL)
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, redisconn.Failed("count "+string(of), err)
	}
	return count.Val(), nil
}

// BurnStatement asks for the store's memory in the same trip.
func (r *Redis) BurnStatement(ctx context.Context, issuer, framework string, use Use) (bool, error) {
	burnt, err := r.client.Burn(ctx, redisconn.Spending{
		Key:     statementKey(issuer, framework, use.ID),
		Attempt: use.Attempt,
		TTL:     use.Until.Sub(use.Now) + redisconn.ClocksApart,
		Issued:  use.Issued,
	})
	if err != nil {
		return false, redisconn.Failed("burn statement", err)
	}
	return burnt, nil
}

// StatementBurnt reads the mark.
func (r *Redis) StatementBurnt(ctx context.Context, issuer, framework, id string, issued time.Time) (bool, error) {
	burnt, err := r.client.Spent(ctx, redisconn.Spending{Key: statementKey(issuer, framework, id), Issued: issued})
	if err != nil {
		return false, redisconn.Failed("look for a used statement", err)
	}
	return burnt, nil
}
