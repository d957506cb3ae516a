package audit

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
)

// Recorder appends events to the chain of one process. A nil Recorder keeps
// nothing and never fails.
type Recorder struct {
	chain Chain
	clock clock.Clock
	log   *slog.Logger
	lock  *os.File

	queue chan entry
	// closing asks the writer to write what is queued and end; closed tells that
	// it has.
	closing, closed chan struct{}

	failing                 atomic.Bool
	written, failures, lost atomic.Uint64
	writer                  *writer
}

// entry is an event on its way to the writer.
type entry struct {
	event Event
	// done hears whether the event is on disk; nil where nobody waits.
	done chan error
}

// queued is how many events may wait for the writer.
const queued = 4096

// Open goes on with the chain of a service in the configured folder, or begins
// one. It answers nil where no folder is configured.
func Open(c Config, service string, clk clock.Clock, log *slog.Logger) (*Recorder, error) {
	if c.Folder == "" {
		return nil, nil //nolint:nilnil // a nil Recorder is one that keeps nothing
	}
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Recorder{
		chain: Chain{c.Folder, service, c.Instance}, clock: clk, log: log,
		queue: make(chan entry, queued), closing: make(chan struct{}), closed: make(chan struct{}),
	}
	if r.writer, err = openWriter(r, c.FileSize); err != nil {
		return nil, err
	}
	go r.writer.run()
	return r, nil
}

// Record appends an event. Time, service and instance are filled in; issuer,
// interaction and actor too, from the call in progress, where they are empty.
//
// Of what a user or an operator decided (grant.*, client.*, key.* but key.used,
// token.revoked, code.replayed) it answers when the event is on disk. An error is
// a refusal, 503: who began something answers with it, so that nothing begins
// that the trail does not tell of; what was ended stays ended. The event stays
// queued and is written as soon as that is possible.
//
// Of the other kinds it answers at once, and an error only where the queue stays
// full until ctx ends.
func (r *Recorder) Record(ctx context.Context, event Event) error {
	if r == nil {
		return nil
	}
	e := entry{event: r.complete(ctx, event)}
	if kept[event.Kind] {
		e.done = make(chan error, 1)
	}
	select {
	case <-r.closed: // there is room, and nobody who reads
		return r.lose(ctx, e.event, errClosed)
	default:
	}
	select {
	case r.queue <- e:
	default:
		if err := r.push(ctx, e); err != nil {
			return r.lose(ctx, e.event, err)
		}
	}
	if e.done == nil {
		return nil
	}
	if r.failing.Load() {
		return unavailable(errors.New("earlier events cannot be written"))
	}
	select {
	case err := <-e.done:
		if err != nil {
			return unavailable(err)
		}
		return nil
	case <-ctx.Done():
		return unavailable(ctx.Err())
	case <-r.closed:
		return unavailable(errClosed)
	}
}

var errClosed = errors.New("the recorder is closed")

// push waits until there is room.
func (r *Recorder) push(ctx context.Context, e entry) error {
	select {
	case r.queue <- e:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the queue is full: %w", ctx.Err())
	case <-r.closed:
		return errClosed
	}
}

// lose counts an event that is not in the trail, and leaves it in the log.
func (r *Recorder) lose(ctx context.Context, event Event, cause error) error {
	r.lost.Add(1)
	r.log.ErrorContext(ctx, "audit event lost", "kind", event.Kind, "client_id", event.ClientID, "grant_id", event.GrantID,
		"authorization_id", event.AuthorizationID, "rule", event.Rule, "cause", cause)
	return unavailable(cause)
}

func unavailable(cause error) error {
	return oauth.Unavailable(1).Because(fmt.Errorf("audit trail: %w", cause))
}

func (r *Recorder) complete(ctx context.Context, event Event) Event {
	event.Time = r.clock.Now().UTC().Truncate(time.Microsecond)
	event.Service, event.Instance = r.chain.Service, r.chain.Instance
	event.fillIn(ctx)
	event.bound()
	return event
}

// Stats are what an operator watches.
type Stats struct {
	// Written events, attempts to write that failed, and events that are lost.
	Written, Failures, Lost uint64
	// Queued events wait for the writer.
	Queued int
}

// Stats answers the counts since the start; zeros for a nil Recorder.
func (r *Recorder) Stats() Stats {
	if r == nil {
		return Stats{}
	}
	return Stats{Written: r.written.Load(), Failures: r.failures.Load(), Lost: r.lost.Load(), Queued: len(r.queue)}
}

// loseQueued leaves in the log what came after the last line.
func (r *Recorder) loseQueued() {
	for {
		select {
		case e := <-r.queue:
			_ = r.lose(context.Background(), e.event, errClosed)
		default:
			return
		}
	}
}

// Close writes what is queued and ends. Nothing may be recorded afterwards.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	close(r.closing)
	<-r.closed
	r.loseQueued()
	return errors.Join(r.writer.fault, r.lock.Close())
}
