package redisconn

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// lookEvery is how soon a birth is noticed where nobody comes. What is issued
// after that is believed at once.
const lookEvery = time.Second

// errEvicts is THR-6, BAD-146: a full store must refuse, for one that makes room
// forgets what was used.
var errEvicts = errors.New("redis evicts keys when it is full: set maxmemory-policy to noeviction")

// Watcher is who looks after the store of a service.
type Watcher struct {
	Service string
	Log     *slog.Logger
	// Reborn is called when the store has forgotten; may be nil.
	Reborn func()

	mu     sync.Mutex
	births map[string]birth // by tag
}

// WatchBirths looks at a service's store until ctx ends. It writes down births as soon
// as they happen, and ends with an error where the store may forget on purpose, or
// refuses us from the start. A store that does not answer is its users' to notice.
func (c *Client) WatchBirths(ctx context.Context, w *Watcher) error {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		err := c.eachPrimary(ctx, func(node redis.Cmdable, tag string) error { return w.look(ctx, node, tag) })
		if errors.Is(err, errEvicts) {
			return err
		}
		if w.Births() == 0 && refuses(err) {
			return fmt.Errorf("redis.url: the store refuses us: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// refuses tells what waiting does not cure: a wrong password, a user who may not do what
// we do, or the certificate of somebody else, but not one that wants renewing. Later on it
// may be a change in progress.
func refuses(err error) bool {
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired {
		return false
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	return redis.IsAuthError(err) || redis.IsPermissionError(err)
}

// look asks one primary for its birth, and whether it evicts.
func (w *Watcher) look(ctx context.Context, node redis.Cmdable, tag string) error {
	memory, err := node.Info(ctx, "memory").Result()
	if err != nil {
		return err
	}
	if policy := member(memory, "maxmemory_policy"); policy != "" && policy != "noeviction" {
		return fmt.Errorf("%w (it is %s)", errEvicts, policy)
	}
	q := inquire(ctx, birthKey(w.Service, tag))
	_, _ = node.Pipelined(ctx, func(pipe redis.Pipeliner) error { return pipe.BatchProcess(ctx, q.known, q.self) })
	born, err := q.answer(ctx, node)
	if err == nil {
		w.note(ctx, born, tag)
	}
	return err
}

// Births is how many stores were seen so far.
func (w *Watcher) Births() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.births)
}

// note tells of a birth that was not known.
func (w *Watcher) note(ctx context.Context, born birth, tag string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	before, known := w.births[tag]
	if known && before == born {
		return
	}
	if w.births == nil {
		w.births = map[string]birth{}
	}
	w.births[tag] = born
	if !known {
		return
	}
	w.Log.WarnContext(ctx, "store was born anew: what was issued before is refused", "born", born.at, "tag", tag)
	if w.Reborn != nil {
		w.Reborn()
	}
}

// eachPrimary visits the one store, or every primary of the cluster with the tag
// of its births.
func (c *Client) eachPrimary(ctx context.Context, visit func(node redis.Cmdable, tag string) error) error {
	if c.cluster == nil {
		return visit(c.UniversalClient, "")
	}
	return c.cluster.ForEachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		tag, err := c.tagOf(ctx, node)
		if err != nil {
			return err
		}
		return visit(node, tag)
	})
}

// Remember writes down that a service's store has forgotten nothing since a time:
// for who knows better than the store, as after a fail-over that lost nothing.
func (c *Client) Remember(ctx context.Context, service string, since time.Time) error {
	return c.eachPrimary(ctx, func(node redis.Cmdable, tag string) error {
		self, err := node.Info(ctx, "replication").Result()
		if err != nil {
			return err
		}
		life, err := lifeOf(self)
		if err != nil {
			return err
		}
		return node.Set(ctx, birthKey(service, tag), birth{life, since}.String(), 0).Err()
	})
}
