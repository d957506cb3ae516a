package resource

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// How documents of the issuer are fetched.
const (
	// fetchTimeout bounds one fetch.
	fetchTimeout = 5 * time.Second
	// patience is how long a request waits for a fresh edition while a stale
	// one would serve.
	patience = time.Second
	// retryPause is between two fetches while the issuer does not answer.
	retryPause = 5 * time.Second
	// renewPause is between two fetches for the sake of an unknown kid, so that
	// made-up kids do not make us hammer the issuer.
	renewPause = time.Minute
	// staleFor is how long an edition serves past its freshness while the
	// issuer does not answer.
	staleFor = time.Hour
)

// edition is one state of a document. Its address is its identity.
type edition[T any] struct {
	value      T
	freshUntil time.Time
}

// document is something the issuer publishes, fetched when it is needed and
// kept. However many requests need it, one fetch is under way at most.
type document[T any] struct {
	name  string
	fetch func(context.Context) (T, time.Duration, error) // and how long it is fresh
	clock Clock
	log   *slog.Logger

	mu      sync.Mutex
	held    *edition[T]   // nil before the first
	landing chan struct{} // closed when the fetch under way ends; nil if none is
	failed  time.Time     // when the last fetch failed; zero after a good one
	failure error
	renewed time.Time // when newer last fetched
	// slow is that a request lost patience: until the issuer answers, no other
	// waits where a stale edition serves.
	slow bool
}

// get is a fresh edition, or a stale one while there is none fresher.
func (d *document[T]) get(ctx context.Context) (*edition[T], error) {
	d.mu.Lock()
	now := d.clock.Now()
	fresh := d.held != nil && now.Before(d.held.freshUntil)
	if fresh || d.landing == nil && now.Sub(d.failed) < retryPause {
		defer d.mu.Unlock()
		return d.usable(now)
	}
	landing := d.depart(ctx)
	wait := fetchTimeout
	if held, err := d.usable(now); err == nil {
		if d.slow {
			d.mu.Unlock()
			return held, nil
		}
		wait = patience
	}
	d.mu.Unlock()
	return d.await(ctx, landing, wait)
}

// newer is an edition that follows the given one, where it did not have what
// was looked for; the same one where it is too early to ask.
func (d *document[T]) newer(ctx context.Context, than *edition[T]) (*edition[T], error) {
	d.mu.Lock()
	now := d.clock.Now()
	if d.landing == nil {
		if d.held != than || now.Sub(d.renewed) < renewPause {
			defer d.mu.Unlock()
			return d.usable(now)
		}
		d.renewed = now
	}
	landing := d.depart(ctx)
	d.mu.Unlock()
	return d.await(ctx, landing, fetchTimeout)
}

// usable is what is held, unless it is too old. It wants the lock.
func (d *document[T]) usable(now time.Time) (*edition[T], error) {
	if d.held != nil && now.Before(d.held.freshUntil.Add(staleFor)) {
		return d.held, nil
	}
	if d.failure != nil {
		return nil, d.failure
	}
	return nil, errors.New("resource: the issuer has not answered yet")
}

// depart begins a fetch, or joins the one under way. It wants the lock. The
// fetch outlives the request that began it, for others wait for it too.
func (d *document[T]) depart(ctx context.Context) chan struct{} {
	if d.landing == nil {
		d.landing = make(chan struct{})
		go d.fly(context.WithoutCancel(ctx))
	}
	return d.landing
}

func (d *document[T]) fly(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	asked := d.clock.Now()
	value, fresh, err := d.fetch(ctx)
	if err != nil {
		d.log.WarnContext(ctx, "issuer's document not fetched", "document", d.name, "cause", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err != nil {
		d.failed, d.failure = d.clock.Now(), err
	} else {
		d.held = &edition[T]{value: value, freshUntil: asked.Add(fresh)}
		d.failed, d.failure, d.slow = time.Time{}, nil, false
	}
	close(d.landing)
	d.landing = nil
}

func (d *document[T]) await(ctx context.Context, landing chan struct{}, wait time.Duration) (*edition[T], error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	late := false
	select {
	case <-landing:
	case <-timer.C:
		late = true
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.slow = d.slow || late && d.landing == landing
	return d.usable(d.clock.Now())
}
