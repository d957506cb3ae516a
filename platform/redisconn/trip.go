package redisconn

import (
	"context"
	"runtime"
	"slices"
	"sync"

	"github.com/redis/go-redis/v9"
)

// mostJoined bounds the requests that share one trip.
const mostJoined = 128

// joiner makes one trip of what requests send at the same time: a trip costs two
// system calls and a wake-up on either side, many times what its commands cost.
// The first one yields once to those that are about to send too, and then goes
// with whoever came. On a machine that is not busy that is nobody, and no time.
type joiner struct {
	mu      sync.Mutex
	leaving *trip // the one that can still be joined, or nil
}

// trip is what several requests send together.
type trip struct {
	requests  int
	commands  []redis.Cmder
	questions []question
	answered  chan struct{}
}

// question is a command that need not be sent twice in one trip, nor before the
// last command of the others: all who ask it get the one answer.
type question struct{ *redis.StringCmd }

func (q question) is(other question) bool { return slices.Equal(q.Args(), other.Args()) }

// Trip sends commands in one pipeline, together with those that other requests
// send just now, and returns when all are answered. Each command has its own
// error. They run in order, but not as one step.
func (c *Client) Trip(ctx context.Context, commands ...redis.Cmder) {
	if err := ctx.Err(); err != nil {
		for _, command := range commands {
			command.SetErr(err)
		}
		return
	}
	_, end := begin(ctx, commands)
	c.share(ctx, commands)
	if end != nil {
		end(failed(commands))
	}
}

// share sends commands with the next trip, and waits for its end.
func (c *Client) share(ctx context.Context, commands []redis.Cmder) {
	shared, first := c.joiner.join(commands)
	if !first {
		<-shared.answered
		return
	}
	runtime.Gosched()
	c.joiner.leave(shared)
	defer close(shared.answered)
	// What belongs to several requests does not end with one of them; connections
	// have time-outs of their own.
	c.send(unspanned(context.WithoutCancel(ctx)), shared)
}

// join adds commands to the trip that is about to leave, or to a new one.
func (j *joiner) join(commands []redis.Cmder) (shared *trip, first bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if first = j.leaving == nil; first {
		j.leaving = &trip{answered: make(chan struct{})}
	}
	shared = j.leaving
	for _, command := range commands {
		if q, ok := command.(question); ok {
			shared.questions = append(shared.questions, q)
		} else {
			shared.commands = append(shared.commands, command)
		}
	}
	if shared.requests++; shared.requests == mostJoined {
		j.leaving = nil
	}
	return shared, first
}

func (j *joiner) leave(shared *trip) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.leaving == shared {
		j.leaving = nil
	}
}

// send makes one pipeline of all. Its own error is that of a command.
func (c *Client) send(ctx context.Context, shared *trip) {
	commands, asked := shared.commands, 0
	for i, q := range shared.questions {
		if first := slices.IndexFunc(shared.questions, q.is); first == i {
			commands = append(commands, q.StringCmd)
			asked++
		}
	}
	if len(commands) == 1 {
		_ = c.Process(ctx, commands[0])
	} else {
		_, _ = c.Pipelined(ctx, func(pipe redis.Pipeliner) error { return pipe.BatchProcess(ctx, commands...) })
	}
	if asked == len(shared.questions) {
		return
	}
	for _, q := range shared.questions {
		answer := shared.questions[slices.IndexFunc(shared.questions, q.is)]
		q.SetVal(answer.Val())
		q.SetErr(answer.Err())
	}
}
