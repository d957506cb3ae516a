package redisconn

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// ClocksApart is how much longer a mark is kept than its thing is good by the clock of
// whoever burnt it: it is still there when the last replica refuses the thing for its
// age (BAD-199).
const ClocksApart = clock.Apart

// Spending is the use of something that may be used once.
type Spending struct {
	// Key of the mark; it begins with the service's name and a colon.
	Key string
	// Attempt may come again, after a lost reply; no other may.
	Attempt string
	// TTL is how long the mark is kept: as long as the thing could be used, and
	// ClocksApart where each replica judges that by its own clock.
	TTL time.Duration
	// Issued is when the thing was made, by the clock of whoever made it, which may
	// be ahead. What may be older than the store's memory is an error: it may have
	// been used. The zero Issued asks for no memory, where SQL decides.
	Issued time.Time
}

// Burn spends. It is true for the first attempt and for the same attempt again
// after a lost reply, false for every other. Where the store cannot know, it is an
// error each time: whoever was refused for that has left a mark too, which is none of a
// use. What else is to be asked goes in the same trip; in a cluster its keys must be in
// the slot of s.Key.
func (c *Client) Burn(ctx context.Context, s Spending, also ...redis.Cmder) (bool, error) {
	set := redis.NewBoolCmd(ctx, "set", s.Key, s.Attempt, "px", max(s.TTL.Milliseconds(), 1), "nx")
	if err := c.remembering(ctx, s, append([]redis.Cmder{set}, also...)); err != nil {
		return false, err
	}
	first, err := set.Result()
	if err != nil || first {
		return first, err
	}
	return c.sameAttempt(ctx, s)
}

// Spent looks whether something was spent, and spends nothing. It is an error where
// Burn's would be.
func (c *Client) Spent(ctx context.Context, s Spending) (bool, error) {
	get := redis.NewStringCmd(ctx, "get", s.Key)
	if err := c.remembering(ctx, s, []redis.Cmder{get}); err != nil {
		return false, err
	}
	err := get.Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// remembering sends commands, and fails where the store may have forgotten what they
// are about: what a client dated ahead may have been used in the life before.
func (c *Client) remembering(ctx context.Context, s Spending, commands []redis.Cmder) error {
	born, err := c.ask(ctx, s, commands)
	if believed := born.at.Add(c.ahead); err == nil && s.Issued.Before(believed) && !s.Issued.IsZero() {
		err = beforeBirth{believed}
	}
	return err
}

// sameAttempt tells whether the mark is of this attempt.
func (c *Client) sameAttempt(ctx context.Context, s Spending) (bool, error) {
	by, err := c.Get(ctx, s.Key).Result()
	if errors.Is(err, redis.Nil) {
		return false, nil // the mark expired between the two trips: it was another's
	}
	return by == s.Attempt && err == nil, err
}

// ask sends commands, and answers the birth of the store that they went to where
// the spending needs its memory.
func (c *Client) ask(ctx context.Context, s Spending, commands []redis.Cmder) (birth, error) {
	if s.Issued.IsZero() {
		c.Trip(ctx, commands...)
		return birth{}, nil
	}
	if c.cluster != nil {
		return c.askNode(ctx, s, commands)
	}
	q := inquire(ctx, birthKey(serviceOf(s.Key), ""))
	c.Trip(ctx, append(commands, question{q.known}, question{q.self})...)
	return q.answer(ctx, c)
}
