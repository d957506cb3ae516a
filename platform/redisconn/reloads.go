package redisconn

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// reloads looks anew which node of a cluster has which slots when one could not be
// reached. The library does so where a node says that a slot has moved, which a dead
// one does not, and else once a minute. It looks in the background, and not more often
// than five times a second.
type reloads struct{ cluster *redis.ClusterClient }

func (reloads) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r reloads) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		if unanswered(err) {
			r.cluster.ReloadState(ctx)
		}
		return err
	}
}

func (r reloads) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		err := next(ctx, commands)
		for _, command := range commands { // of several nodes
			if unanswered(command.Err()) {
				r.cluster.ReloadState(ctx)
				break
			}
		}
		return err
	}
}

// unanswered tells whether an error is no answer of a server.
func unanswered(err error) bool {
	_, answer := errors.AsType[redis.Error](err)
	return err != nil && !answer
}
