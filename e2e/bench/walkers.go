package main

import (
	"context"
	"sync"
	"time"
)

// measureFlows takes one measurement of full flows. They cannot be signed before
// the measured time, for each step needs what the one before it bought; signing is
// the generator's work, on its own core.
func (b *bench) measureFlows(ctx context.Context, c contest) (figures, error) {
	var walkers []*walker
	for n := range connections {
		walkers = append(walkers, newWalker(b.client, c.server, c.ids[n%len(c.ids)], c.server.api))
	}
	defer func() {
		for _, w := range walkers {
			w.close()
		}
	}()
	if _, err := walkAll(ctx, walkers, time.Second); err != nil { // the connections
		return figures{}, err
	}
	return b.observe(c.server, func(longest time.Duration) (result, error) { return walkAll(ctx, walkers, longest) })
}

// walkAll lets each walker walk one flow after the other until the time is over.
func walkAll(ctx context.Context, walkers []*walker, longest time.Duration) (result, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	took := make([][]time.Duration, len(walkers))
	var group sync.WaitGroup
	start := time.Now()
	for n, w := range walkers {
		group.Go(func() {
			for time.Since(start) < longest && ctx.Err() == nil {
				began := time.Now()
				if err := w.walk(ctx); err != nil {
					cancel(err)
					return
				}
				took[n] = append(took[n], time.Since(began))
			}
		})
	}
	group.Wait()
	out := result{elapsed: time.Since(start)}
	for _, some := range took {
		out.latencies = append(out.latencies, some...)
	}
	return out, context.Cause(ctx)
}
