//go:build e2e

package faults

import (
	"context"
	"net/http"
	"time"

	"github.com/strongroom-fapi/strongroom/e2e/rig"
)

// used is an assertion or a proof that was sent, and will be again.
type used struct {
	what    string
	request *rig.Request
	// fresh are what another request would have of its own: all but what is used.
	fresh func(*rig.Request)
	// accepted is how often it was let through.
	accepted int
}

// useEvery is how often one is used, and an earlier one replayed.
const useEvery = 100 * time.Millisecond

// uses are, in turn: assertions and proofs, at par and at token.
func (d *drill) uses(n int) *used {
	bound, proving := d.clients[0], d.clients[1]
	newAssertion := func(r *rig.Request) { r.Assertion = proving.Assertion() }
	switch n % 4 {
	case 0:
		return &used{what: "assertion at par", request: bound.Flow().PushRequest()}
	case 1:
		return &used{what: "assertion at token", request: bound.Credentials()}
	case 2:
		return &used{what: "proof at par", request: proving.Flow().PushRequest(), fresh: newAssertion}
	}
	return &used{what: "proof at token", request: proving.Credentials(), fresh: newAssertion}
}

// useAndReplay uses one thing after the other until stop, and replays each some
// time later.
func (d *drill) useAndReplay(stop <-chan struct{}) {
	const later = 4
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		case <-time.After(useEvery):
		}
		u := d.uses(n)
		d.send(u)
		d.mu.Lock()
		d.used = append(d.used, u)
		var earlier *used
		if len(d.used) > later {
			earlier = d.used[len(d.used)-1-later]
		}
		d.mu.Unlock()
		if earlier != nil {
			d.replay(earlier)
		}
	}
}

// send sends it once; true where it was let through.
func (d *drill) send(u *used) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	answer, err := d.fleet.Try(ctx, u.request)
	if err != nil {
		return
	}
	d.judge(u.what, answer)
	if answer.StatusCode < http.StatusBadRequest {
		u.accepted++
	}
}

// replay sends it again. What was let through before must not be again; where no
// answer had come, or none but 503, it may be, once.
func (d *drill) replay(u *used) {
	if u.fresh != nil {
		u.fresh(u.request)
	}
	before := u.accepted
	d.send(u)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.counts.replayed++
	if before > 0 && u.accepted > before {
		d.counts.twice++
		d.faults = append(d.faults, u.what+" was let through twice")
	}
}

// replayAll replays what was used before, during and after the fault.
func (d *drill) replayAll() {
	const most = 30 // and each twice, for the sake of those without an answer
	step := max(1, len(d.used)/most)
	for n := 0; n < len(d.used); n += step {
		d.replay(d.used[n])
		d.replay(d.used[n])
	}
	for _, code := range d.codes {
		if answer := d.redeem(code.progress); answer != nil && answer.StatusCode == http.StatusOK {
			code.won++
		}
		if code.won > 1 {
			d.count(func(c *counts) { c.twice++ })
			d.fault("a code was redeemed %d times", code.won)
		}
	}
}
