// Package participants knows who takes part in a trust framework at the moment,
// from the document in which the framework says so.
package participants

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/strongroom-fapi/strongroom/fapi/framework"
	"github.com/strongroom-fapi/strongroom/fapi/oauth"
	"github.com/strongroom-fapi/strongroom/platform/clock"
	"github.com/strongroom-fapi/strongroom/services/clientreg/internal/fetch"
)

// maxStale is how long a list is relied on for new clients while its directory is
// down. Clients that are there already stay as they are.
const maxStale = time.Hour

// Getter is the way out; *fetch.Client is one.
type Getter interface {
	Fetch(ctx context.Context, kind *fetch.Kind, address string, body []byte) (fetch.Document, error)
}

// List tells of each participant whether it takes part. Who is not in it does not.
type List map[string]bool

// Watch keeps the latest list of each document.
type Watch struct {
	get    Getter
	clock  clock.Clock
	flight singleflight.Group

	mu    sync.Mutex
	lists map[string]kept
}

type kept struct {
	list  List
	since time.Time
}

// New makes a watch that has asked for nothing yet.
func New(get Getter, clk clock.Clock) *Watch {
	return &Watch{get: get, clock: clk, lists: map[string]kept{}}
}

// Key tells documents apart that are read in different ways.
func Key(p *framework.Participants) string { return fmt.Sprintf("%#v", *p) }

// Active tells whether a participant takes part, by a list that is no older than
// its interval or, where the directory is down, an hour. Beyond that it is not
// known, and the error says so. Who is missing may have joined since: the directory
// is asked again, one trip at a time.
func (w *Watch) Active(ctx context.Context, f *framework.Framework, participant string) (bool, error) {
	if f.Participants == nil {
		return true, nil
	}
	known := w.known(f.Participants)
	active, listed := known.list[participant]
	if listed && w.clock.Now().Before(known.since.Add(f.Participants.Interval)) {
		return active, nil
	}
	list, err := w.Fetch(ctx, f.Participants)
	if err == nil {
		return list[participant], nil
	}
	if known.list != nil && w.clock.Now().Before(known.since.Add(maxStale)) {
		return active, nil
	}
	return false, oauth.Unavailable(fetch.RetryAfter).By("DCR-3").Because(err)
}

func (w *Watch) known(p *framework.Participants) kept {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lists[Key(p)]
}

// Age is how long ago the list was asked for that is relied on; known is false
// where there is none.
func (w *Watch) Age(p *framework.Participants) (age time.Duration, known bool) {
	kept := w.known(p)
	return w.clock.Now().Sub(kept.since), kept.list != nil
}

// Fetch asks the directory now; who asks at the same time shares the trip. What
// cannot be read leaves the list of before.
func (w *Watch) Fetch(ctx context.Context, p *framework.Participants) (List, error) {
	trip := w.flight.DoChan(Key(p), func() (any, error) { return w.load(context.WithoutCancel(ctx), p) })
	select {
	case <-ctx.Done():
		return nil, errors.Join(errors.New("fetch participants"), ctx.Err())
	case result := <-trip:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(List), nil
	}
}

func (w *Watch) load(ctx context.Context, p *framework.Participants) (List, error) {
	document, err := w.get.Fetch(ctx, fetch.LongJSON(p.MaxBytes), p.URI, nil)
	if err != nil {
		return nil, err
	}
	list, err := read(p, document.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lists[Key(p)] = kept{list, w.clock.Now()}
	return list, nil
}
