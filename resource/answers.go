package resource

import (
	"context"
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

const (
	// answerLife is how long an introspection answer is believed, counted from
	// when it was asked for: what is revoked is refused a second later.
	answerLife = time.Second
	// askTimeout bounds one introspection.
	askTimeout = 5 * time.Second
	// maxYoung bounds the answers of one generation. There are two, so that at
	// most 10,000 are kept; beyond that, the issuer is asked each time.
	maxYoung = 5000
)

type tokenHash [sha256.Size]byte

// answers asks about each token once a second at most, however many requests
// bring it. It keeps two generations of a second each instead of sweeping.
type answers struct {
	introspector Introspector
	clock        Clock

	mu         sync.Mutex
	turned     time.Time // when young began
	young, old map[tokenHash]*answer
}

// answer is complete when done is closed. Until then only who asked writes it.
type answer struct {
	asked         time.Time
	done          chan struct{}
	introspection *Introspection
	err           error
}

func newAnswers(introspector Introspector, clock Clock) *answers {
	return &answers{introspector: introspector, clock: clock, young: map[tokenHash]*answer{}}
}

// get is the issuer's word, at most a second old. It must not be written to.
func (a *answers) get(ctx context.Context, token string) (*Introspection, error) {
	key := tokenHash(sha256.Sum256([]byte(token)))
	answer, first := a.join(key)
	if first {
		a.complete(ctx, key, token, answer)
	}
	select {
	case <-answer.done:
		return answer.introspection, answer.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// join finds the answer or the question under way; first means that the caller
// must ask.
func (a *answers) join(key tokenHash) (found *answer, first bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.clock.Now()
	for _, generation := range []map[tokenHash]*answer{a.young, a.old} {
		if found := generation[key]; found != nil && now.Sub(found.asked) < answerLife {
			return found, false
		}
	}
	if now.Sub(a.turned) >= answerLife {
		a.turned, a.old, a.young = now, a.young, map[tokenHash]*answer{}
	}
	found = &answer{asked: now, done: make(chan struct{})}
	if len(a.young) < maxYoung {
		a.young[key] = found
	}
	return found, true
}

// complete asks, for all who wait: the caller's leaving does not end it.
func (a *answers) complete(ctx context.Context, key tokenHash, token string, answer *answer) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askTimeout)
	defer cancel()
	answer.err = errors.New("resource: the introspector did not return")
	defer func() { // also when it panics
		if answer.err != nil {
			a.forget(key, answer)
		}
		close(answer.done)
	}()
	answer.introspection, answer.err = a.introspector.Introspect(ctx, token)
	if answer.err == nil && answer.introspection == nil {
		answer.err = errors.New("resource: the introspector answered nothing")
	}
}

// forget keeps a failure from being taken for an answer.
func (a *answers) forget(key tokenHash, failed *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, generation := range []map[tokenHash]*answer{a.young, a.old} {
		if generation[key] == failed {
			delete(generation, key)
		}
	}
}
