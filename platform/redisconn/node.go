package redisconn

import (
	"context"
	"errors"
	"slices"

	"github.com/redis/go-redis/v9"
)

// askNode is ask in a cluster. One connection to one primary carries the commands
// and the question for its birth; a slot that has moved is followed once. While a
// slot is on its way from one node to another, what is new in it is refused.
func (c *Client) askNode(ctx context.Context, s Spending, commands []redis.Cmder) (birth, error) {
	born, err := c.tryNode(ctx, s, commands)
	if err == nil {
		return born, nil
	}
	c.cluster.ReloadState(ctx)
	if _, moved := redis.IsMovedError(err); !moved {
		return birth{}, err
	}
	for _, command := range commands {
		command.SetErr(nil)
	}
	return c.tryNode(ctx, s, commands)
}

// tryNode answers the first error of all commands but that nothing was found.
func (c *Client) tryNode(ctx context.Context, s Spending, commands []redis.Cmder) (birth, error) {
	node, err := c.cluster.MasterForKey(ctx, s.Key)
	if err != nil {
		return birth{}, err
	}
	tag, err := c.tagOf(ctx, node)
	if err != nil {
		return birth{}, err
	}
	q := inquire(ctx, birthKey(serviceOf(s.Key), tag))
	all := slices.Concat(commands, []redis.Cmder{q.known, q.self})
	_, end := begin(ctx, all) // the node's own client has no hook
	_, _ = node.Pipelined(ctx, func(pipe redis.Pipeliner) error { return pipe.BatchProcess(ctx, all...) })
	if end != nil {
		end(failed(all))
	}
	for _, command := range all {
		if err := command.Err(); err != nil && !errors.Is(err, redis.Nil) {
			c.slots.Delete(node.Options().Addr)
			return birth{}, err
		}
	}
	return q.answer(ctx, node)
}

// tagOf is the hash tag of the first slot of a node.
func (c *Client) tagOf(ctx context.Context, node *redis.Client) (string, error) {
	address := node.Options().Addr
	if tag, ok := c.slots.Load(address); ok {
		return tag.(string), nil
	}
	self, err := node.Do(ctx, "cluster", "myid").Text()
	if err != nil {
		return "", err
	}
	ranges, err := node.ClusterSlots(ctx).Result() //nolint:staticcheck // CLUSTER SHARDS is not in every server that speaks the protocol
	if err != nil {
		return "", err
	}
	first := slotCount
	for _, r := range ranges {
		if len(r.Nodes) > 0 && r.Nodes[0].ID == self {
			first = min(first, r.Start)
		}
	}
	if first == slotCount {
		return "", errNotPrimary
	}
	tag := tagIn(first)
	c.slots.Store(address, tag)
	return tag, nil
}
